"""What an event was upon, told by its kind from its own fields: paths, hosts with ports, URLs, commands, names."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any, Final

from analyzer.model.event import Event
from analyzer.trace.canonical.lasting import EPHEMERAL, bounded
from analyzer.trace.canonical.madeup import host_name, url_text, without_data
from analyzer.trace.canonical.normalising import MAX_TEXT

Place = Callable[[str, int], str]
"""Gives host and port in one text, as URLs have them."""

_DELAYS: Final = (0.1, 0.5, 1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600, 7200, 86_400)
"""Seconds that people write. A sleep takes a little longer than was asked for, and measuring may take a little off."""

_JITTER: Final = 0.98
_LOOKUPS: Final = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.gethostbyname_ex"}
)
_RESOURCES: Final = (
    "CPU", "FSIZE", "DATA", "STACK", "CORE", "RSS", "NPROC", "NOFILE", "MEMLOCK", "AS", "LOCKS", "SIGPENDING", "MSGQUEUE",
    "NICE", "RTPRIO", "RTTIME",
)  # fmt: skip
_LIMITS: Final = {str(number): f"RLIMIT_{name}" for number, name in enumerate(_RESOURCES)}
"""Limits by their numbers (Linux, include/uapi/asm-generic/resource.h)."""

_OF_PROCESSES: Final = frozenset({"os.kill", "os.killpg", "signal.pidfd_send_signal", "os.pidfd_open"})
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_OF_A_PROCESS: Final = re.compile(
    r"(?<![\w.-])((?:kill|renice|ionice|strace|gdb|taskset|ps)(?: -{1,2}[\w-]{1,20}){0,3} )\d{1,10}(?![\w.])"
)
"""A command upon a process that is named by its number."""

_NUMBER: Final = re.compile(r"-?\d{3,}")


def told(event: Event, place: Place) -> str:
    """What an event was upon, as it was in this run; "" where its kind says all."""
    detail: Any = event.detail
    plain = _PLAIN.get(detail.kind)
    return plain(detail) if plain is not None else _PLACED[detail.kind](detail, place)


def _path(detail: Any) -> str:
    return str(detail.path)


def _moved(detail: Any) -> str:
    return f"{detail.path} → {detail.target}"


def _mode(detail: Any) -> str:
    return f"{detail.mode} {detail.path}" if detail.mode else str(detail.path)


def _command(detail: Any) -> str:
    text = bounded(" ".join(detail.argv or (detail.path,)), MAX_TEXT)
    return without_data(_OF_A_PROCESS.sub(r"\1{pid}", text))


def _remote(detail: Any, place: Place) -> str:
    return place(detail.address, detail.port) or str(getattr(detail, "family", ""))


def _caller(detail: Any, place: Place) -> str:
    return place(detail.address, 0) or str(detail.family)


def _birth(detail: Any) -> str:
    return "thread" if detail.thread else "process"


def _own(detail: Any, place: Place) -> str:
    """A local end, whose port may be one that the kernel chose."""
    if detail.family not in {"AF_INET", "AF_INET6"}:
        return place(detail.address, detail.port)
    return _local(detail.address, detail.port, place)


def _local(address: str, port: int, place: Place) -> str:
    return _with_free_port(place(address, 0)) if port in EPHEMERAL or port == 0 else place(address, port)


def _with_free_port(host: str) -> str:
    return f"[{host}]:{{port}}" if ":" in host else f"{host}:{{port}}"


def _flow(detail: Any, place: Place) -> str:
    if not detail.incoming:
        return place(detail.address, detail.port)
    # Whoever looks at a port from inside may come or not while it is open: what was opened is the same.
    return _local(detail.address, detail.own_port, place)


def _state(detail: Any, place: Place) -> str:
    if detail.state in {"listening", "accepted"}:
        return _local(detail.local_address, detail.local_port, place)
    return place(detail.address, detail.port)


def _question(detail: Any) -> str:
    name = host_name(detail.name.lower())
    return name if detail.type in {"A", "AAAA"} else f"{detail.type} {name}"


def _request(detail: Any) -> str:
    return f"{detail.method} {url_text(detail.url)}"


def _act(detail: Any) -> str:
    return f"{detail.verb} {url_text(detail.url)}"


def _greeting(detail: Any, place: Place) -> str:
    if detail.port in EPHEMERAL and detail.address in _LOOPBACK:
        return _with_free_port(detail.name or detail.address)
    return f"{detail.name}:{detail.port}" if detail.name else place(detail.address, detail.port)


def _secret(detail: Any, place: Place) -> str:
    goal = url_text(detail.url) if detail.url else place(detail.address, detail.port)
    return f"{detail.path or detail.secret} → {goal}"


def _call(detail: Any) -> str:
    words = detail.arguments
    if detail.name in _LOOKUPS and words:
        return host_name(words[0].lower())
    if detail.name == "http.client.connect" and len(words) >= 2:
        return ":".join(words[-2:])
    if detail.name == "resource.setrlimit" and words and words[0] in _LIMITS:
        return _LIMITS[words[0]]
    if detail.name in _OF_PROCESSES:
        words = [_NUMBER.sub("{pid}", word) for word in words]
    text = bounded(", ".join(map(url_text, words)), MAX_TEXT)
    return f"{detail.name}({without_data(text)})"


def _control(detail: Any) -> str:
    words = ("{number}" if _NUMBER.fullmatch(word) else word for word in detail.arguments)
    return f"{detail.call}({', '.join(words)})"


def _sleep(detail: Any) -> str:
    asked = max(detail.wanted, detail.seconds)
    reached = bisect_right(_DELAYS, asked / _JITTER) - 1
    return f"{_DELAYS[reached]:g} s or more" if reached >= 0 else f"less than {_DELAYS[0]:g} s"


def _fields(*names: str) -> Callable[[Any], str]:
    def tell(detail: Any) -> str:
        values = (getattr(detail, name) for name in names)
        return " ".join(" ".join(value) if isinstance(value, tuple) else str(value) for value in values if value)

    return tell


_PLAIN: Final[Mapping[str, Callable[[Any], str]]] = {
    **dict.fromkeys(
        ("file.open", "file.query", "file.read", "file.write", "file.delete", "file.create", "file.attributes",
         "file.lock", "file.tree"),
        _path,
    ),
    "file.rename": _moved, "file.link": _moved, "file.mode": _mode, "console.write": _fields("stream"),
    "process.exec": _command, "process.outlive": _command, "process.sleep": _sleep, "process.control": _control,
    "process.create": _birth, "process.exit": _fields("signal"), "process.signal": _fields("signal"),
    "process.handler": _fields("signal", "action"), "process.pipe": _fields(),
    "process.limit": _fields("resource"), "process.clock": _fields("clock"),
    "process.submit": _fields("operation"), "process.abi": _fields("abi", "call"), "race": _fields("call"),
    "memory.protect": _fields("protection"),
    "socket.create": _fields("family", "type", "protocol"), "socket.option": _fields("level", "name"),
    "network.dns": _question, "network.http": _request, "network.exchange": _act,
    "python.call": _call, "interpreter.silence": _fields("how", "what"), "step.end": _fields("subject"),
    "package.metadata": _fields("name", "urls"),
}  # fmt: skip

_PLACED: Final[Mapping[str, Callable[[Any, Place], str]]] = {
    **dict.fromkeys(("socket.connect", "socket.send", "socket.receive", "network.stream"), _remote),
    **dict.fromkeys(("socket.bind", "socket.listen"), _own),
    "socket.accept": _caller, "socket.state": _state, "network.flow": _flow, "network.tls": _greeting,
    "network.secret": _secret,
}  # fmt: skip
