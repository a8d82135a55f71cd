from __future__ import annotations

import http.server
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import SandboxError
from analyzer.sandbox import checks, host, tools
from analyzer.sandbox.checks import Check, kernel, programs, services
from analyzer.sandbox.host import find_tool, survey
from analyzer.sandbox.tools import TOOLS, parse_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole search path for programs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(tools, "_ADMIN_DIRECTORIES", ())
    return folder


def put_program(folder: Path, name: str, script: str) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def test_a_tool_on_path_is_found(path: Path) -> None:
    program = put_program(path, "bwrap", "exit 0")
    assert find_tool("bwrap") == program


def test_a_tool_in_the_administrators_directories_is_found(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sbin").mkdir()
    program = put_program(tmp_path / "sbin", "nft", "exit 0")
    monkeypatch.setattr(tools, "_ADMIN_DIRECTORIES", (str(tmp_path / "sbin"),))
    assert find_tool("nft") == program


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize(
    ("name", "package"),
    [("bwrap", "bubblewrap"), ("strace", "strace"), ("nft", "nftables"), ("ip", "iproute2"), ("setpriv", "util-linux")],
)
def test_a_missing_tool_is_named_with_the_command_that_installs_it(name: str, package: str) -> None:
    with pytest.raises(SandboxError, match=rf"program {name} is missing.*: apt-get install {package}$"):
        find_tool(name)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("strace -- version 6.1\nCopyright (c) 1991-2022", (6, 1)),
        ("bubblewrap 0.8.0", (0, 8, 0)),
        ("nftables v1.0.6 (Lester Gooch #5)", (1, 0, 6)),
        ("ip utility, iproute2-6.1.0, libbpf 1.1.2", (6, 1, 0)),
        ("ip utility, iproute2-ss200127", ()),
        ("setpriv from util-linux 2.38.1", (2, 38, 1)),
        ("no number", ()),
    ],
)
def test_versions_are_read_as_the_programs_print_them(text: str, version: tuple[int, ...]) -> None:
    assert parse_version(text) == version


@given(st.text())
def test_any_text_has_a_version_or_none(text: str) -> None:
    assert all(part >= 0 for part in parse_version(text))


def test_an_old_tool_is_weak_and_names_what_it_should_be(path: Path) -> None:
    program = put_program(path, "strace", "echo 'strace -- version 5.10'")
    assert programs.tool_check(TOOLS["strace"]) == Check(
        "strace",
        "weak",
        f"5.10 ({program})",
        "version 5.16 or later: apt-get install strace",
        TOOLS["strace"].needed_for,
    )


def test_a_new_enough_tool_is_ok(path: Path) -> None:
    put_program(path, "strace", "echo 'strace -- version 5.16'")
    assert programs.tool_check(TOOLS["strace"]).status == "ok"


@pytest.mark.usefixtures("path")
def test_a_tool_that_only_some_machines_need_is_weak_when_missing() -> None:
    assert programs.tool_check(TOOLS["mmdebstrap"]).status == "weak"
    assert programs.tool_check(TOOLS["bwrap"]).status == "missing"


def test_a_tool_that_hangs_is_reported_and_not_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_program(path, "strace", "exec /bin/sleep 60")
    monkeypatch.setattr(checks, "SECONDS", 0.1)
    check = host._guarded("strace", partial(programs.tool_check, TOOLS["strace"]))
    assert check.status == "weak"
    assert "could not be checked" in check.found
    assert "timed out" in check.found


def test_a_tool_that_cannot_be_started_is_reported(path: Path) -> None:
    (path / "strace").write_bytes(b"\x7fELF no program")
    (path / "strace").chmod(0o755)
    assert host._guarded("strace", partial(programs.tool_check, TOOLS["strace"])).status == "weak"


@pytest.mark.usefixtures("path")
def test_a_machine_without_anything_is_surveyed_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    found = {check.name: check for check in survey()}
    assert {"Python", *TOOLS, "user namespaces", "seccomp", "Docker engine", "free disk"} <= set(found)
    assert "package index" not in found
    assert found["bwrap"].remedy == "apt-get install bubblewrap"
    assert found["Docker engine"].status == "missing"
    assert "docker.io" in found["Docker engine"].remedy
    assert found["Docker images"].status == "weak"
    assert all(check.found.isprintable() for check in found.values())


@pytest.mark.parametrize(
    ("settings", "status", "remedy"),
    [
        ({}, "ok", ""),
        ({"user/max_user_namespaces": "0"}, "missing", "user.max_user_namespaces"),
        ({"kernel/unprivileged_userns_clone": "0"}, "weak", "kernel.unprivileged_userns_clone=1"),
        ({"kernel/apparmor_restrict_unprivileged_userns": "1"}, "weak", "AppArmor profile"),
    ],
)
def test_each_switch_for_user_namespaces_is_known(
    settings: dict[str, str], status: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "_setting", lambda name: settings.get(name, ""))
    check = kernel.user_namespaces()
    assert check.status == status
    assert remedy in check.remedy


def test_a_kernel_without_filters_lacks_seccomp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "_setting", lambda _: "kill_process allow")
    assert kernel.seccomp().status == "missing"


@pytest.fixture
def index() -> Iterator[str]:
    """The address of an index on loopback that answers 200 below /simple/ and 404 elsewhere."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/simple/" else 404)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize(("folder", "status"), [("simple/", "ok"), ("other/", "weak")])
def test_an_index_is_asked_once_and_its_password_not_repeated(index: str, folder: str, status: str) -> None:
    check = services.index(f"http://user:secret@{index}/{folder}")
    assert check.status == status
    assert "secret" not in check.found


def test_an_index_that_is_not_there_is_missing() -> None:
    check = services.index("http://127.0.0.1:1/simple/")
    assert check.status == "missing"
    assert check.remedy
