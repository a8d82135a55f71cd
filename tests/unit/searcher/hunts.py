"""Values, and searches for them, for the tests of this folder."""

from __future__ import annotations

from searcher.bounds import Bounds, Clock
from searcher.host import Host
from searcher.hunting import Findings, Hunter
from searcher.values import Secret

TOKEN = Secret("a token", "/home/alex/.config/token", b"ghp_Zk3mT8qLw0RxYb6NcV1sHj5DfGp9Ua2EoIi7")
KEY = Secret("a key", "/home/alex/.aws/credentials", b"hQ9/vTz+3LkWm8RrXe1YpBc5NdSg7JfUa2Ko4Iw6")
HEX = Secret("a digest", "$SESSION", b"9f3ac07be1d2485690ab7cde31f04f58")
SECRETS = [TOKEN, KEY, HEX]
FACTS = [
    Secret("host name", "", b"mira-laptop"),
    Secret("user name", "", b"mira"),
    Secret("address", "", b"192.168.1.23"),
]


def hunt(data: bytes, bounds: Bounds | None = None, said: list[str] | None = None, **how: bool) -> Findings:
    """One piece, searched."""
    bounds = bounds or Bounds(seconds=60.0, piece_seconds=60.0)
    said = said if said is not None else []
    return Hunter(SECRETS, Host(FACTS, "6.1.0-9-amd64"), bounds, Clock(bounds), said.append).search(data, **how)
