"""The words for bubblewrap: what must be among them, in which order. That they hold is shown in tests/integration."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.sandbox.decoys import Decoys
from analyzer.sandbox.further import with_further
from analyzer.sandbox.interface import MIB, Limits
from analyzer.sandbox.layout import PIP_FOLDER, Layout
from analyzer.sandbox.workspace import HOME, SERVED, Workspace
from tests.unit.sandbox.test_further import interpreter
from tests.unit.sandbox.test_workspace import INTERPRETER


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A layout over empty folders."""
    space = Workspace(tmp_path / "folder", tmp_path / "record", Decoys([], {}, []))
    for folder in (space.served, space.system, space.overlay):
        folder.mkdir(parents=True)
    (space.system / "passwd").write_text("")
    return Layout(space, INTERPRETER, Path("/usr/bin/python3"), Limits(disk_bytes=100 * MIB))


def mounts(words: list[str], kind: str) -> Iterator[tuple[str, str]]:
    for word, source, target in zip(words, words[1:], words[2:], strict=False):
        if word == kind:
            yield source, target


def test_nothing_but_home_temporary_folder_shared_memory_and_the_probes_pipe_is_writable_to_the_package(
    layout: Layout,
) -> None:
    words = layout.inner()
    writable = (HOME, "/tmp", "/dev/shm", "/run/session/events")
    assert dict(mounts(words, "--bind")) == {path: path for path in writable}
    assert words[-2:] == ["--chdir", f"{HOME}/project"]
    assert words[-6:-2] == ["--remount-ro", "/dev", "--remount-ro", "/"]


def test_the_package_gets_namespaces_of_its_own_and_may_make_none(layout: Layout) -> None:
    words = layout.inner()
    for name in ("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--disable-userns"):
        assert name in words
    # The tracer has to outlive the first command's end, to see what it left running.
    assert "--die-with-parent" not in words


def test_the_record_the_plan_and_our_programs_are_not_in_the_packages_namespaces(layout: Layout) -> None:
    words = layout.inner()
    inside = {target for kind in ("--bind", "--ro-bind", "--ro-bind-try") for _, target in mounts(words, kind)}
    assert SERVED in inside
    assert not any(target.startswith(("/record", "/opt/probes", "/srv/site", "/srv/seccomp")) for target in inside)


def test_our_own_first_process_is_out_of_reach(layout: Layout) -> None:
    words = layout.inner()
    assert words.index("/proc/1/fd") > words.index("/proc/1") > words.index("--proc")
    (source,) = [source for source, target in mounts(words, "--ro-bind") if target == "/proc/1"]
    assert (str(layout.space.first), source) in mounts(layout.outer(as_root=True), "--ro-bind")
    for name in ("fd", "ns"):
        place = words.index(f"/proc/1/{name}")
        assert words[place - 3 : place] == ["--perms", "0000", "--tmpfs"]


def test_the_home_and_the_temporary_folder_share_the_disk_limit(layout: Layout) -> None:
    words = layout.outer(as_root=True)
    sizes = {words[place + 3]: int(words[place + 1]) for place, word in enumerate(words) if word == "--size"}
    assert sizes == {HOME: 75 * MIB, "/tmp": 25 * MIB, "/dev/shm": 64 * MIB}


def test_the_outer_namespaces_die_with_the_analyzer_and_have_no_network(layout: Layout) -> None:
    for as_root in (True, False):
        words = layout.outer(as_root=as_root)
        assert {"--die-with-parent", "--unshare-net", "--unshare-pid", "--new-session"} <= set(words)
        assert ("--unshare-user" in words) is not as_root
        assert words[words.index("--cap-drop") + 1] == "ALL"


def test_every_mount_in_a_folder_that_is_not_there_yet_has_an_open_one(layout: Layout) -> None:
    """Bubblewrap would make it for its owner alone, and the package's user could not enter it."""
    words = layout.inner()
    made = {
        target
        for word, mode, kind, target in zip(words, words[1:], words[2:], words[3:], strict=False)
        if (word, mode, kind) == ("--perms", "0755", "--dir")
    }
    for _, target in itertools.chain(mounts(words, "--ro-bind"), mounts(words, "--bind")):
        if target.startswith(("/srv", "/opt", "/home")):
            assert {str(parent) for parent in Path(target).parents} - {"/"} <= made, target


def test_every_interpreter_gets_its_overlay(layout: Layout) -> None:
    words = replace(layout, interpreter=with_further(layout.interpreter, [interpreter("/usr/lib/other")])).inner()
    overlays = {target: source for source, target in mounts(words, "--ro-bind") if source.startswith("/srv/overlay/")}
    assert overlays["/usr/lib/other/__init__.py"] == "/srv/overlay/1.source"
    assert overlays[layout.interpreter.overlay.cached] == "/srv/overlay/0.compiled"
    assert words.index("/srv/overlay/0.source") > words.index("/proc")
    assert len(overlays) == 4


def test_the_supervisor_gets_a_clean_environment(layout: Layout) -> None:
    words = layout.supervisor()
    assert words[:2] == ["/usr/bin/env", "-i"]
    assert words[-3:] == ["-m", "hood", "/record/plan.json"]


def test_pip_is_there_only_where_it_installs(layout: Layout) -> None:
    def inside(one: Layout) -> set[str]:
        return {target for _, target in mounts(one.inner(), "--ro-bind")}

    assert PIP_FOLDER not in inside(layout)
    assert PIP_FOLDER in inside(replace(layout, installer="pip"))
    outer = dict(mounts(replace(layout, installer="pip").outer(as_root=True), "--ro-bind"))
    assert (
        Path(next(source for source, target in outer.items() if target == PIP_FOLDER)) / "__pip-runner__.py"
    ).is_file()


def test_the_certificates_are_where_this_system_has_them(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca-bundle.crt").touch()
    places = (str(tmp_path / "ca-bundle.crt"), str(tmp_path / "missing.pem"))
    monkeypatch.setattr("analyzer.sandbox.layout.OTHER_BUNDLES", places)
    monkeypatch.setattr("analyzer.sandbox.layout.LOCAL_AUTHORITIES", str(tmp_path))
    inner = {target: source for source, target in mounts(layout.inner(), "--ro-bind")}
    assert inner["/etc/ssl/certs"] == "/run/session/certs"
    assert inner[str(tmp_path)] == "/run/session/authorities"  # in place of this machine's own
    assert inner[places[0]] == "/run/session/certs/ca-certificates.crt"
    assert (places[0], places[0]) in mounts(layout.outer(as_root=True), "--ro-bind")
    assert places[1] not in [*layout.inner(), *layout.outer(as_root=True)]
