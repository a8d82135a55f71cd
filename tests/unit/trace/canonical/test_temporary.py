"""Names that tempfile made up are known by what it did, wherever they stand."""

from __future__ import annotations

import pytest

from analyzer.model.event import Detail, Event, FileWrite, PythonCall, Source
from analyzer.trace.canonical.temporary import Temporary


def event(detail: Detail) -> Event:
    return Event(1.0, "import", "syscall", 9, "python", "completed", "package", detail, Source("x", 1))


def made(name: str, path: str) -> Event:
    return event(PythonCall(name, (path,)))


def tried(path: str, head: str = "blat") -> Event:
    return event(FileWrite(path, "write", 4, head, ""))


def without(text: str, *events: Event) -> str:
    found = Temporary()
    for one in events:
        found.learn(one)
    return found.without(text)


def test_names_are_told_without_what_is_random() -> None:
    folder = made("tempfile.mkdtemp", "/tmp/build-i3s8i0qj")
    assert without("/tmp/build-i3s8i0qj/a.txt", folder) == "/tmp/build-{random}/a.txt"
    assert without("rm -r '/tmp/build-i3s8i0qj'", folder) == "rm -r '/tmp/build-{random}'"
    assert without("/tmp/build-i3s8i0qjx", folder) == "/tmp/build-i3s8i0qjx"
    assert without("/var/build-i3s8i0qj", folder) == "/var/build-i3s8i0qj"
    file = made("tempfile.mkstemp", "/home/alex/x_qwe12_45.tar.gz")
    assert without("/home/alex/x_qwe12_45.tar.gz", file) == "/home/alex/x_{random}.tar.gz"


def test_a_folder_in_a_folder_is_told_without_both() -> None:
    outer = made("tempfile.mkdtemp", "/tmp/a-i3s8i0qj")
    inner = made("tempfile.mkstemp", "/tmp/a-i3s8i0qj/b-q1w2e3r4")
    assert without("/tmp/a-i3s8i0qj/b-q1w2e3r4", outer, inner) == "/tmp/a-{random}/b-{random}"


def test_a_folder_is_tried_with_a_file_of_a_random_name() -> None:
    assert without("/tmp/klhntjv6", tried("/tmp/klhntjv6")) == "/tmp/{random}"
    assert without("/tmp/payloads.sh", tried("/tmp/payloads.sh")) == "/tmp/payloads.sh"
    assert without("/tmp/payload1", tried("/tmp/payload1", "#!/bin/sh")) == "/tmp/payload1"


@pytest.mark.parametrize("path", ["", "tmpabcd1234", "/tmp/short", "/tmp/" + "a" * 2000, "/tmp/ABCDEFGH"])
def test_what_is_no_such_name_stays(path: str) -> None:
    assert (
        without(f"{path} x", made("tempfile.mkdtemp", path), event(PythonCall("tempfile.mkdtemp", ()))) == f"{path} x"
    )


def test_many_parts_take_no_time() -> None:
    text = "/a" * 50_000
    assert without(text, made("tempfile.mkdtemp", "/tmp/a-i3s8i0qj")) == text


def test_folders_in_folders_in_folders() -> None:
    paths = ["/abcdefgh" * depth for depth in range(1, 200)]
    found = without(paths[100], *(made("tempfile.mkdtemp", path) for path in paths))
    assert found == "/{random}" * 101
