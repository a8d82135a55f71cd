"""Makes a network namespace that has only `lo` look like a machine on the internet.

Every address becomes local (`local default dev lo`), and a tproxy rule hands each connection and datagram to the
listeners of `internet serve`, with its original addresses. Where the network is to be off, all is refused instead, at once, and
seen by the capture all the same. The machine's own addresses and the loopback network stay
real, so that a package reaches its own servers there; the listeners themselves are hidden from it. Sources: nft(8),
"tproxy statement"; Documentation/networking/tproxy.rst of the kernel.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path
from typing import Final

from internet.settings import LISTENER_PORT, MARK, OWN_ADDRESS, OWN_ADDRESS6

_DISABLE_IPV6: Final = Path("/proc/sys/net/ipv6/conf/lo/disable_ipv6")
_PING_GROUPS: Final = Path("/proc/sys/net/ipv4/ping_group_range")
_SECONDS: Final = 20


class NetworkError(Exception):
    """The namespace cannot be prepared; the message says which tool failed and what it said."""


def rules(port: int = LISTENER_PORT, *, ipv6: bool = True, off: bool = False) -> str:
    """The nftables rules that hand everything to the listeners on `port`, or refuse it."""
    own = f"ip daddr {{ 127.0.0.0/8, {OWN_ADDRESS} }}"
    own6 = f"ip6 daddr {{ ::1, {OWN_ADDRESS6} }}"
    steer = [f"meta nfproto ipv4 meta l4proto {protocol} tproxy ip to :{port} accept" for protocol in ("tcp", "udp")]
    hide = [f"{own} tcp dport {port} reject with tcp reset", f"{own} udp dport {port} reject"]
    if ipv6:
        steer += [
            f"meta nfproto ipv6 meta l4proto {protocol} tproxy ip6 to :{port} accept" for protocol in ("tcp", "udp")
        ]
        hide += [f"{own6} tcp dport {port} reject with tcp reset", f"{own6} udp dport {port} reject"]
    known = [f"meta mark {MARK} accept", f"{own} accept", *([f"{own6} accept"] if ipv6 else [])]
    # An error of ICMP's about a host would let connect() wait for its next try; these two end it at once.
    refuse = [
        *known,
        "meta l4proto tcp reject with tcp reset",
        "meta l4proto udp reject with icmpx port-unreachable",
        "drop",
    ]
    prerouting = "\n    ".join([*known, *([] if off else steer)])
    hidden = "\n    ".join([*hide, *(refuse if off else [])])
    return f"""table inet net {{
  chain prerouting {{
    type filter hook prerouting priority mangle; policy accept;
    {prerouting}
  }}
  chain input {{
    type filter hook input priority filter; policy accept;
    {hidden}
  }}
}}
"""


def prepare(*, off: bool = False) -> None:
    """Set up `lo`, addresses, routes and rules. Needs CAP_NET_ADMIN over the namespace; raises NetworkError."""
    route = "route add local default dev lo src"
    own = f"link set lo up\naddr add {OWN_ADDRESS}/32 dev lo\n{route} {OWN_ADDRESS}\n"
    _run(["ip", "-4", "-batch", "-"], own)
    _let_ping()
    ipv6 = _enable_ipv6()
    if ipv6:
        _run(["ip", "-6", "-batch", "-"], f"addr add {OWN_ADDRESS6}/128 dev lo nodad\n{route} {OWN_ADDRESS6}\n")
    _run(["nft", "-f", "-"], rules(ipv6=ipv6, off=off))


def ipv6_enabled() -> bool:
    """Whether the namespace has IPv6; container engines switch it off where their network has none."""
    return _DISABLE_IPV6.exists() and _DISABLE_IPV6.read_text().strip() == "0"


def _let_ping() -> None:
    """Let every user send echo requests, as systemd does (icmp(7)); where that cannot be, only root can, as on older machines."""
    for groups in ("0 2147483647", f"0 {os.getegid()}"):  # a user namespace does not have all of them
        with contextlib.suppress(OSError):
            _PING_GROUPS.write_text(groups)
            return


def _enable_ipv6() -> bool:
    if _DISABLE_IPV6.exists():
        # /proc/sys is read-only in most containers: IPv4 alone is then a machine like many others.
        with contextlib.suppress(OSError):
            _DISABLE_IPV6.write_text("0")
    return ipv6_enabled()


def _run(command: list[str], text: str) -> None:
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NetworkError(
            f"{command[0]} cannot be run: {error}; install iproute2 and nftables in the sandbox"
        ) from error
    if done.returncode:
        said = " ".join(done.stderr.split())[:500]
        raise NetworkError(f"`{' '.join(command)}` failed: {said}; it needs CAP_NET_ADMIN and a namespace of its own")
