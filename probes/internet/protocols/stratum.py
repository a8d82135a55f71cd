"""Stratum, by which miners ask pools for work: Bitcoin's dialect (mining.*), Monero's (login) and Ethereum's (eth_*)."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, Final

from internet.conversation import MalformedError
from internet.protocols.acts import Acts
from internet.protocols.lines import Lines

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services

_LINE_BYTES: Final = 16_384
_USER_BYTES: Final = 200
_DIFFICULTY: Final = {"id": None, "method": "mining.set_difficulty", "params": [65536]}


async def serve_stratum(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Answer a miner until it ends: it is given work that nobody can finish soon, and every share is accepted."""
    acts = Acts(talk, services, "stratum", tls=tls)
    words = Lines(channel, first, acts)
    while (line := await words.line(_LINE_BYTES)) is not None:
        if not line.strip():
            continue
        method, parameters, number = parse(line)
        acts.tell(method[:60], size=len(line), user=_user(method, parameters))
        said = answers(method, number)
        await channel.write(b"".join(json.dumps(each).encode("ascii") + b"\n" for each in said))
    return None


def parse(line: bytes) -> tuple[str, Any, Any]:
    """A request's method, parameters and identifier; raises MalformedError."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise MalformedError("a line that is no JSON") from error
    if not isinstance(request, dict):
        raise MalformedError("a line that is no request")
    number = request.get("id")
    return str(request.get("method", "")), request.get("params"), number if isinstance(number, int | str) else None


def answers(method: str, number: object) -> list[dict[str, Any]]:
    """What a pool says to a request, with the work that belongs to it."""
    if method == "mining.subscribe":
        nonce = secrets.token_hex(4)
        notify = [["mining.set_difficulty", nonce], ["mining.notify", nonce]]
        return [{"id": number, "result": [notify, nonce, 4], "error": None}]
    if method == "mining.authorize":
        return [{"id": number, "result": True, "error": None}, _DIFFICULTY, _work()]
    if method == "login":
        result = {"id": secrets.token_hex(8), "job": _job(), "status": "OK"}
        return [{"id": number, "jsonrpc": "2.0", "error": None, "result": result}]
    if method in {"submit", "keepalived", "getjob"}:
        result = _job() if method == "getjob" else {"status": "OK"}
        return [{"id": number, "jsonrpc": "2.0", "error": None, "result": result}]
    if method == "eth_getWork":
        work = ["0x" + secrets.token_hex(32) for _ in range(2)] + ["0x" + "0" * 8 + "f" * 56]
        return [{"id": number, "jsonrpc": "2.0", "result": work}]
    return [{"id": number, "result": True, "error": None}]


def _work() -> dict[str, Any]:
    """Bitcoin's dialect: job, previous block, coinbase in two parts, no branches, version, bits, time, and that old work ends."""
    words = [secrets.token_hex(4), secrets.token_hex(32), secrets.token_hex(40), secrets.token_hex(40)]
    return {"id": None, "method": "mining.notify", "params": [*words, [], "20000000", "1703a30c", "6765a5c0", True]}


def _job() -> dict[str, Any]:
    """Monero's dialect."""
    return {
        "blob": "1010" + secrets.token_hex(74), "job_id": secrets.token_hex(8), "target": "b88d0600", "algo": "rx/0",
        "height": 3_300_000, "seed_hash": secrets.token_hex(32),
    }  # fmt: skip


def _user(method: str, parameters: Any) -> str:
    """The wallet or worker that a login names."""
    if method == "login" and isinstance(parameters, dict):
        return str(parameters.get("login", ""))[:_USER_BYTES]
    if (
        method in {"mining.authorize", "eth_submitLogin", "mining.submit"}
        and isinstance(parameters, list)
        and parameters
    ):
        return str(parameters[0])[:_USER_BYTES]
    return ""
