"""Every kind of act has a target that is the same wherever and whenever it is done."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from analyzer.model.event import DETAILS, Event, Source
from analyzer.trace.canonical.lasting import Lasting
from analyzer.trace.canonical.targets import MAX_TARGET, Targets

NOW = 1_795_000_000.0
PACKAGE = {"name": "a.example", "type": "A", "answers": ("203.0.113.7", "2001:db8::7"), "transport": "udp"}


def event(kind: str, time: float = NOW, **changes: Any) -> Event:
    """An event of a kind whose fields are empty but for those that are given."""
    detail = DETAILS[kind]
    hints = get_type_hints(detail)
    empty = {one.name: _empty(hints[one.name]) for one in fields(detail) if one.default is MISSING}
    return Event(
        time, "import", "syscall", 9, "python", "completed", "package", detail(**(empty | changes)), Source("x", 1)
    )


def _empty(hint: Any) -> Any:
    if str(get_origin(hint)) == "typing.Literal":
        return get_args(hint)[0]
    return () if get_origin(hint) is tuple else hint()


def target(*events: Event, known: tuple[Event, ...] = (), **counted: tuple[str, ...]) -> str:
    """The target of the last of the events, which the others led to."""
    targets = Targets([*known, *events], Lasting("/home/alex", "sample", "4.2.1"), counted)
    return targets.of(events[-1], events[:-1], next(iter(counted), ""))


TARGETS = [
    (event("file.open", path="/home/alex/.ssh/id_rsa", error="ENOENT"), "~/.ssh/id_rsa"),
    (event("file.tree", path="/home/alex/x", head="random", size=12), "~/x"),
    (event("file.write", path="/home/alex/x", head="other", size=7), "~/x"),
    (event("file.rename", path="/home/alex/a", target="/home/alex/b"), "~/a → ~/b"),
    (event("file.mode", path="/home/alex/a", call="chmod", mode="0755"), "0755 ~/a"),
    (event("process.exec", path="/bin/sh", program="sh", argv=("/bin/sh", "-c", "id")), "/bin/sh -c id"),
    (event("process.exec", path="/bin/true", program="true"), "/bin/true"),
    (event("process.exec", program="kill", argv=("kill", "-9", "4711")), "kill -9 {pid}"),
    (event("process.exec", program="sh", argv=("sh", "-c", "ps -p 12; x 12")), "sh -c ps -p {pid}; x 12"),
    (event("process.create", child=4711), "process"),
    (event("process.create", child=4711, thread=True), "thread"),
    (event("process.signal", signal="SIGKILL", target=4711), "SIGKILL"),
    (event("process.sleep", call="nanosleep", seconds=5.02), "5 s or more"),
    (event("process.sleep", call="nanosleep", seconds=4.98), "5 s or more"),
    (event("process.sleep", call="nanosleep", seconds=0.5, wanted=600.0), "600 s or more"),
    (event("process.sleep", call="nanosleep", seconds=0.01), "less than 0.1 s"),
    (event("process.control", call="ptrace", arguments=("PTRACE_ATTACH", "4711")), "ptrace(PTRACE_ATTACH, {number})"),
    (event("process.control", call="setuid", arguments=("0",)), "setuid(0)"),
    (event("process.pipe", call="pipe2"), "process.pipe"),
    (event("socket.connect", family="AF_INET", address="192.0.2.1", port=443), "192.0.2.1:443"),
    (event("socket.connect", family="AF_INET6", address="2001:db8::9", port=443), "[2001:db8::9]:443"),
    (event("socket.connect", family="AF_UNIX", address="/run/x.sock"), "/run/x.sock"),
    (event("socket.listen", family="AF_INET", address="0.0.0.0", port=8000), "0.0.0.0:8000"),
    (event("socket.listen", family="AF_INET", address="127.0.0.1"), "127.0.0.1:{port}"),
    (event("socket.bind", family="AF_INET6", address="::1", port=45_000), "[::1]:{port}"),
    (event("socket.accept", family="AF_INET", address="127.0.0.1", port=51_000), "127.0.0.1"),
    (event("socket.state", state="listening", local_address="127.0.0.1", local_port=40_000), "127.0.0.1:{port}"),
    (event("socket.state", state="connected", address="192.0.2.1", port=80, local_port=40_000), "192.0.2.1:80"),
    (event("network.flow", address="192.0.2.1", port=80, sent=12), "192.0.2.1:80"),
    (event("network.flow", address="127.0.0.1", port=51_000, incoming=True, own_port=40_000), "127.0.0.1:{port}"),
    (event("network.dns", name="A.Example.", type="AAAA"), "a.example"),
    (event("network.dns", name="a.example", type="TXT"), "TXT a.example"),
    (event("network.http", method="GET", url="http://a.example/x?t=1795000000"), "GET http://a.example/x?t={time}"),
    (event("network.exchange", verb="PUBLISH", url="mqtt://192.0.2.7:1883/x"), "PUBLISH mqtt://192.0.2.7:1883/x"),
    (event("network.tls", name="a.example", address="192.0.2.1", port=8443), "a.example:8443"),
    (event("network.tls", name="a.example", address="127.0.0.1", port=41_000), "a.example:{port}"),
    (event("network.secret", path="/home/alex/.netrc", url="http://a.example/"), "~/.netrc → http://a.example/"),
    (event("network.secret", secret="name of the host", address="192.0.2.1", port=9), "name of the host → 192.0.2.1:9"),
    (event("python.call", name="time.time"), "time.time()"),
    (event("python.call", name="socket.getaddrinfo", arguments=("a.example", "80", "0")), "a.example"),
    (event("python.call", name="http.client.connect", arguments=("<X>", "a.example", "80")), "a.example:80"),
    (event("python.call", name="os.kill", arguments=("4711", "9")), "os.kill({pid}, 9)"),
    (
        event("python.call", name="exec", arguments=("<code object x at 0x7f00aa11bb22>",)),
        "exec(<code object x at {address}>)",
    ),
    (event("python.call", name="resource.setrlimit", arguments=("4", "0 0")), "RLIMIT_CORE"),
    (event("process.limit", resource="RLIMIT_CORE"), "RLIMIT_CORE"),
    (event("console.write", stream="stdout", head="now", size=3), "stdout"),
    (event("memory.protect", protection=("PROT_WRITE", "PROT_EXEC"), size=4096), "PROT_WRITE PROT_EXEC"),
]


@pytest.mark.parametrize(("act", "expected"), TARGETS)
def test_an_act_has_a_target(act: Event, expected: str) -> None:
    assert target(act) == expected


@pytest.mark.parametrize("kind", sorted(DETAILS))
def test_no_target_is_empty(kind: str) -> None:
    assert target(event(kind))


def test_an_address_is_told_by_the_name_that_was_asked_for() -> None:
    first = event("network.dns", NOW - 2, **PACKAGE)
    later = event("network.dns", NOW + 2, **(PACKAGE | {"name": "b.example"}))
    connect = event("socket.connect", family="AF_INET", address="203.0.113.7", port=443)
    assert target(connect, known=(first, later)) == "a.example:443"
    assert (
        target(event("network.flow", NOW + 3, address="2001:db8::7", port=80), known=(first, later)) == "b.example:80"
    )


def test_a_sequence_is_told_from_its_beginning() -> None:
    read = event("file.read", path="/home/alex/.netrc")
    sent = event("network.http", method="POST", url="http://a.example/")
    assert target(read, read, sent) == "~/.netrc → POST http://a.example/"


def test_a_pause_between_acts_is_not_told() -> None:
    contact = event("socket.connect", family="AF_INET", address="192.0.2.1", port=80)
    pause = event("process.sleep", call="nanosleep", seconds=3.0)
    assert target(contact, pause, contact) == "192.0.2.1:80"
    assert target(pause, pause) == "3 s or more"


@pytest.mark.parametrize(
    ("act", "same", "expected"),
    [
        (event("socket.connect", family="AF_INET", address="192.0.2.1", port=8009), ("address",), "192.0.2.1"),
        (event("file.delete", path="/home/alex/Documents/b.odt"), (), "~/Documents/*"),
        (event("network.dns", name="03fa.a.example", type="TXT"), (), "*.a.example"),
        (event("network.http", method="GET", url="http://a.example/"), ("method", "url"), "GET http://a.example/"),
        (event("process.sleep", call="nanosleep", seconds=1.0), (), "1 s or more"),
    ],
)
def test_what_was_counted_is_told_by_what_all_have_in_common(act: Event, same: tuple[str, ...], expected: str) -> None:
    assert target(act, rule=same) == expected


def test_a_long_target_differs_where_its_end_does() -> None:
    one, other = (target(event("file.open", path="/x" * 600 + end)) for end in "ab")
    assert one != other
    assert max(len(one), len(other)) < MAX_TARGET + 20


def test_a_surrogate_is_escaped() -> None:
    assert target(event("file.open", path="/tmp/\udcff")) == "/tmp/\\udcff"
