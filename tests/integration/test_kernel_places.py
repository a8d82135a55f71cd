"""Where files really are, as the tracer in the kernel tells it, on this host's kernel."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from analyzer.sandbox.kernel import calls
from analyzer.sandbox.kernel.loader import KernelTracer
from tests.integration.kernel_log import EXEC, EXIT, NEEDS, Log, Sandbox, built

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = NEEDS

NAMES = 10
SCRIPT = """
import os, sys
os.symlink("/etc", "link"); os.mkdir("a"); os.mkdir("a/b\\n>"); os.chdir("a/b\\n>")
fd = os.open("x", os.O_CREAT | os.O_RDWR)
for path in ("../../link/hostname", "/proc/self/root/etc/hostname", "/proc/self/cwd/x", "/dev/fd/%d" % fd, "/proc/self/status"):
    os.open(path, 0)
os.open("hostname", 0, dir_fd=os.open("../../link", os.O_PATH))
os.unlink("x"); os.open("/proc/self/fd/%d" % fd, 0)
os.fchdir(os.open("/", 0)); os.open("/proc/self/fd/%d" % os.memfd_create("mem"), 0); os.open("/proc/self/fd/%d" % os.pipe()[0], 0)
os.chdir(sys.argv[1])
for name in range(70): os.mkdir("d"); os.chdir("d")
os.open(".", 0); os.open("/etc/hostname", 0)
os.symlink(os.readlink("/proc/self/exe"), "/" + sys.argv[1] + "/program")
os.execv(sys.argv[1] + "/program", ["python", "-I", "-S", "-c", "pass"])
"""


@pytest.fixture(scope="module")
def tracer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelTracer]:
    with KernelTracer(built(tmp_path_factory.mktemp("kernel")), calls.entries(*calls.recorded())) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def log(tracer: KernelTracer, tmp_path_factory: pytest.TempPathFactory) -> Log:
    folder = tmp_path_factory.mktemp("places")
    sandbox = Sandbox("sh", "-c", 'cd "$1" && exec "$2" -I -S -c "$3" "$1"', "sh", str(folder), sys.executable, SCRIPT)
    recording = tracer.watch(sandbox.pid_namespace, folder / "kernel.log", sandbox.network_namespace)
    try:
        sandbox.go()
    finally:
        account = tracer.unwatch(recording)
    assert (account.failure, account.lost) == ("", 0)
    return Log(folder / "kernel.log")


def places(log: Log, *names: str) -> list[str]:
    found = [content for name in names for one in log.calls(name, EXIT) for content in one.text(NAMES)]
    return [_path(content) for content in found]


def _path(content: bytes) -> str:
    *names, root = content.split(b"\0")[:-1]
    return os.fsdecode((b"/" if root == b"/" else root + b":") + b"/".join(reversed(names)))


def test_every_way_to_a_file_has_its_place(log: Log) -> None:
    opened = places(log, "openat")
    assert opened.count("/etc/hostname") == 4
    assert sum(one.endswith("/a/b\n>/x") for one in opened) == 3
    assert any(one.startswith("/proc/") and one.endswith("/status") for one in opened)
    assert sum(one.endswith("/a/b\n>/x/") for one in opened) == 1, "the mark of what was deleted"


def test_what_is_in_no_tree_has_one_name(log: Log) -> None:
    found = [content for one in log.calls("openat", EXIT) for content in one.text(NAMES)]
    assert b"\0memfd:mem\0" in found
    assert b"\0\0" in found


def test_a_working_folder_has_its_place(log: Log) -> None:
    assert "/" in places(log, "fchdir")
    assert any(one.endswith("/a/b\n>") for one in places(log, "chdir"))


def test_of_a_path_that_is_too_long_nothing_is_told_and_of_the_next_one_all(log: Log) -> None:
    opened = [one.text(NAMES) for one in log.calls("openat", EXIT) if one.result >= 0]
    assert [] in opened
    assert any(one.endswith("/d" * 50) for one in places(log, "chdir"))
    assert _path(opened[opened.index([]) + 1][0]) == "/etc/hostname"


def test_a_program_has_the_place_of_its_file(log: Log) -> None:
    last = log.of(EXEC)[-1]
    assert _path(last.text(NAMES)[0]) == os.path.realpath(sys.executable)
