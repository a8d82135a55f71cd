"""The same act of two runs has one fingerprint; another act has another, and the package's own has none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.event import (
    DETAILS,
    Event,
    FileOpen,
    FileRead,
    FileTree,
    FileWrite,
    PackageMetadata,
    ProcessCreate,
    ProcessExec,
    PythonCall,
    SocketBind,
    SocketConnect,
    StepEnd,
)
from analyzer.trace.canonical.fingerprint import Fingerprints, Matching
from analyzer.trace.canonical.normalising import MAX_TEXT, Normaliser
from tests.unit.rules.events import event, opened

STEPS = {1: "install", 2: "script", 3: "script", 4: "start"}
WRITABLE = ("/home/alex/", "/tmp/")


def taker(name: str = "sample") -> Fingerprints:
    return Fingerprints(Normaliser([name], "1.0"), STEPS, WRITABLE)


def connect(address: str, port: int) -> SocketConnect:
    return SocketConnect("AF_INET", "SOCK_STREAM", address, port, pending=False, error="")


def bind(port: int) -> SocketBind:
    return SocketBind("AF_INET", "SOCK_STREAM", "127.0.0.1", port, "")


def run(*argv: str) -> ProcessExec:
    return ProcessExec("/bin/" + argv[0], argv[0], argv, "", "", "", "")


def write(size: int, head: str = "x") -> FileWrite:
    return FileWrite("/tmp/a", "write", size, head, "")


SAME = [
    (opened("/tmp/tmpabcdefgh/x"), opened("/tmp/tmp01234567/x", time=9.0, pid=77)),
    (event(FileRead("/etc/localtime", "read", 100)), event(FileRead("/etc/localtime", "read", 999))),
    (event(ProcessCreate(5, False, ())), event(ProcessCreate(6, False, ()))),
    (event(bind(40_000)), event(bind(50_000))),
    (event(write(5)), event(write(6))),
    (opened("/x", file="/usr/lib/python3.11/os.py"), opened("/x", file="/usr/lib/python3.11/os.py")),
]

OTHER = [
    (opened("/x"), opened("/y")),
    (opened("/x"), opened("/x", access="write")),
    (opened("/x"), opened("/x", outcome="attempted")),
    (opened("/x"), opened("/x", phase="startup")),
    (opened("/x", step=1), opened("/x", step=2)),
    (opened("/x", step=1), opened("/x", step=0)),
    (opened("/x"), event(FileRead("/x", "read", 1))),
    (opened("/x"), event(FileOpen("/x", "read", ("O_CLOEXEC",), ""))),
    (opened("/x"), event(FileOpen("/x", "read", (), "ENOENT"))),
    (opened("/x"), opened("/x", file="/usr/lib/python3.11/os.py")),
    (event(connect("192.0.2.1", 443)), event(connect("192.0.2.2", 443))),
    (event(connect("192.0.2.1", 40_000)), event(connect("192.0.2.1", 50_000))),
    (event(bind(80)), event(bind(8080))),
    (event(run("uname", "-p")), event(run("uname", "-a"))),
    (event(run("sh", "-c", "a b")), event(run("sh", "-c", "a", "b"))),
    (event(write(5)), event(write(5000))),
    (event(write(5)), event(write(5, head="y"))),
    (event(PythonCall("time.time", ())), event(PythonCall("time.time_ns", ()))),
]

OWN = [
    opened("/x", file="/home/alex/project/.venv/lib/python3.11/site-packages/sample.py"),
    opened("/x", file="/tmp/x.py"),
    opened("/x", file="<string>"),
    opened("/x", file="setup.py"),
    event(FileTree("/home/alex/a", "created", "file", "644", 1, "", "", "sample", own=True)),
    event(StepEnd("sample", "ok", "", fatal=True)),
    event(PackageMetadata("sample", "1.0", "", "", ())),
    opened("x" * (MAX_TEXT + 1)),
    event(run(*["a"] * 1000)),
    event(run("a", "b" * MAX_TEXT)),
]


def without_distribution(one: Event) -> Event:
    """The tests' events stand in distribution d; these here in none, as code of the standard library does."""
    if one.location is None:
        return one
    values = {name: getattr(one, name) for name in one.__slots__}
    location = type(one.location)("", one.location.module, one.location.file, one.location.line)
    return Event(**(values | {"location": location}))


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_act(one: Event, other: Event) -> None:
    found = taker().of(without_distribution(one))
    assert found is not None
    assert found == taker().of(without_distribution(other))


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_act(one: Event, other: Event) -> None:
    assert taker().of(without_distribution(one)) != taker().of(without_distribution(other))


@pytest.mark.parametrize("one", OWN)
def test_the_packages_own(one: Event) -> None:
    assert taker().of(without_distribution(one)) is None


def test_code_of_a_distribution_is_its_own_wherever_it_lies() -> None:
    assert taker().of(opened("/x", file="/usr/lib/python3/dist-packages/d.py")) is None


def test_names_of_two_packages_are_one() -> None:
    assert taker().of(opened("/bin/sample")) == taker("other").of(opened("/bin/other"))


def test_a_fingerprint_names_fields_in_order() -> None:
    found = taker().of(opened("/x", step=2))
    assert found is not None
    assert (found.step, found.program, found.code) == ("script", "python", "")
    assert found.detail == (("access", "read"), ("path", "/x"))


def test_several_commands_of_a_kind_are_not_added_up() -> None:
    events = [opened("/x", step=2), opened("/x", step=2), opened("/x", step=3), opened("/y", step=3)]
    counts = {one.detail[1][1]: count for one, count in taker().counted(events).items()}
    assert counts == {"/x": 2, "/y": 1}


def test_in_each_command_an_act_is_known_as_often_as_it_was_seen() -> None:
    matching = Matching(taker().counted([opened("/x", step=2)]), taker())
    found = [matching.has(opened("/x", step=step)) for step in (2, 2, 3, 3, 4)]
    assert found == [True, False, True, False, False]


def test_the_packages_own_acts_use_nothing_up() -> None:
    matching = Matching(taker().counted([opened("/x")]), taker())
    own = opened("/x", file="/home/alex/project/.venv/lib/python3.11/site-packages/sample.py")
    assert [matching.has(own), matching.has(opened("/x")), matching.has(opened("/x"))] == [False, True, False]


@given(st.sampled_from(sorted(DETAILS)), st.data())
def test_every_kind_of_event_has_one_or_none(kind: str, data: st.DataObject) -> None:
    detail: Any = data.draw(st.builds(DETAILS[kind]))
    one = event(detail)
    found = taker().of(one)
    if found is not None:
        assert found == taker().of(one)
        assert found.kind == kind
        assert {name for name, _ in found.detail} <= set(detail.__slots__)
