from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.trace.calls.descriptors import Descriptor
from analyzer.trace.calls.naming import Links, Magic, Named, is_changed, opened, ran, tidy
from analyzer.trace.calls.processes import Place, Process
from analyzer.trace.logs.literals import Handle, Quoted

HOME = "/home/u"


def links(**known: str) -> Links:
    found = Links(whole=True)
    for name, target in known.items():
        found.add(f"/tmp/{name}", target)
    return found


@pytest.mark.parametrize(
    ("path", "follow", "leads"),
    [
        ("/tmp/ssh/id_rsa", True, "/home/u/.ssh/id_rsa"),
        ("/tmp/ssh", True, "/home/u/.ssh"),
        ("/tmp/ssh", False, "/tmp/ssh"),
        ("/tmp/ssh/", False, "/home/u/.ssh"),
        ("/tmp/ssh/../.netrc", True, "/home/u/.netrc"),
        ("/tmp/again/id_rsa", True, "/home/u/.ssh/id_rsa"),
        ("/tmp/round/x", True, "/tmp/round/x"),
        ("/tmp/away/x", True, "/x"),
        ("/tmp/other", True, "/tmp/other"),
        ("/../tmp//./other/", True, "/tmp/other"),
    ],
)
def test_a_path_leads_over_links(path: str, follow: bool, leads: str) -> None:
    known = links(ssh="/home/u/.ssh", again="ssh", round="back", back="round", away="../../..")
    for _ in range(2):  # what is remembered is the same
        assert known.lead(path, follow=follow) == leads


def test_links_are_made_moved_and_removed() -> None:
    known = links(a="/etc")
    known.move("/tmp/a", "/tmp/b")
    assert (known.lead("/tmp/a/x"), known.lead("/tmp/b/x")) == ("/tmp/a/x", "/etc/x")
    known.add("/tmp/d/e/link", "/srv")
    known.move("/tmp/d", "/tmp/f")
    assert known.lead("/tmp/f/e/link/x") == "/srv/x"
    assert known.lead("/tmp/d/e/link/x") == "/tmp/d/e/link/x"
    known.copy("/tmp/b", "/tmp/c")
    known.move("/tmp/c", "/tmp/f/e/link", exchanged=True)
    assert (known.lead("/tmp/c"), known.lead("/tmp/f/e/link")) == ("/srv", "/etc")
    assert known.remove("/tmp/b") == "/etc"
    assert known.remove("/tmp/b") is None
    known.replace([("/x", "/y")], whole=False)
    assert (known.lead("/x"), known.lead("/tmp/c"), known.whole) == ("/y", "/tmp/c", False)


def test_a_flood_of_links_is_bounded_and_told() -> None:
    known = Links(whole=True)
    for number in range(65537):
        known.add(f"/t/{number}", "/x")
    assert not known.whole
    known.whole = True
    for _ in range(20):
        known.move("/t", "/u")
        known.move("/u", "/t")
    assert not known.whole


def process(**known: str) -> Process:
    table: dict[int, Process] = {}
    one = Process(
        10, None, 1.0, ours=False, path="/usr/bin/tool", place=Place(HOME), inner=7, links=links(**known), others=table
    )
    other = Process(11, one, 1.0, ours=False, path="/tmp/other", place=Place("/tmp"), inner=8, others=table)
    one.descriptors = {
        3: Descriptor("file", path=f"{HOME}/.ssh"),
        4: Descriptor("file", path="memfd:x"),
        5: Descriptor("pipe"),
    }
    other.descriptors = {9: Descriptor("file", path="/etc/shadow")}
    table |= {7: one, 8: other}
    return one


@pytest.mark.parametrize(
    ("path", "leads"),
    [
        ("/proc/self/root/etc/shadow", "/etc/shadow"),
        ("/proc/self/cwd/x", "/home/u/x"),
        ("/proc/thread-self/cwd/x", "/home/u/x"),
        ("/proc/self/task/7/cwd/x", "/home/u/x"),
        ("/proc/7/cwd/../x", "/home/x"),
        ("/proc/8/cwd/x", "/tmp/x"),
        ("/proc/8/fd/9", "/etc/shadow"),
        ("/proc/8/exe", "/tmp/other"),
        ("/proc/99/root/etc/x", "/etc/x"),
        ("/proc/99/cwd/x", "/proc/99/cwd/x"),
        ("/proc/self/fd/3/id_rsa", "/home/u/.ssh/id_rsa"),
        ("/dev/fd/3/id_rsa", "/home/u/.ssh/id_rsa"),
        ("/proc/self/fd/4", "memfd:x"),
        ("/proc/self/fd/5", "/proc/self/fd/5"),
        ("/dev/stdin", "/dev/stdin"),
        ("/proc/self/exe", "/usr/bin/tool"),
        ("/proc/7/status", "/proc/self/status"),
        ("/proc/8/status", "/proc/8/status"),
        ("/proc/meminfo", "/proc/meminfo"),
        ("/tmp/hole/home/u/x", "/home/u/x"),
        ("hole", "/home/u/hole"),
    ],
)
def test_links_of_proc_lead_where_they_do(path: str, leads: str) -> None:
    asked = path if path.startswith("/") else f"{HOME}/{path}"
    found = process(hole="/proc/self/root").named(Quoted(path.encode(), cut=False))
    assert found == Named(leads, tidy(asked) if leads != tidy(asked) else "")


def test_a_folder_is_where_the_kernel_says() -> None:
    one = process()
    assert one.named(Quoted(b"x", cut=False), Handle("3", "/elsewhere")).path == "/elsewhere/x"
    assert one.named(Quoted(b"x", cut=False), Handle("AT_FDCWD", "/moved")).path == "/moved/x"
    assert one.directory == "/moved"
    assert one.named(Quoted(b"x", cut=False), Handle("6", "")).path == "?/x"


@pytest.mark.parametrize(
    ("asked", "leads", "found", "name"),
    [
        ("/tmp/a", "/tmp/a", "", Named("/tmp/a")),
        ("/tmp/a", "/etc/b", "", Named("/etc/b", "/tmp/a")),
        ("/tmp/a", "/tmp/a", "/etc/b", Named("/etc/b", "/tmp/a")),
        ("/lib/libc.so", "/lib/libc.so", "/usr/lib/libc.so", Named("/usr/lib/libc.so")),
        ("/proc/self/maps", "/proc/self/maps", "/proc/7/maps", Named("/proc/self/maps")),
        ("/proc/7/maps", "/proc/self/maps", "/proc/7/maps", Named("/proc/self/maps", "/proc/7/maps")),
        ("/proc/self/fd/4", "memfd:x", "memfd:x", Named("memfd:x", "/proc/self/fd/4")),
    ],
)
def test_what_was_opened_has_the_kernels_name(asked: str, leads: str, found: str, name: Named) -> None:
    assert opened(asked, leads, found, 7) == name


@pytest.mark.parametrize(
    ("asked", "leads", "found", "name"),
    [
        ("/bin/sh", "/bin/sh", "/usr/bin/dash", Named("/bin/sh")),
        ("/home/u/.venv/bin/python", "/usr/bin/python3.11", "/usr/bin/python3.11", Named("/home/u/.venv/bin/python")),
        ("/tmp/player", "/usr/bin/curl", "", Named("/usr/bin/curl", "/tmp/player")),
        ("/tmp/player", "/tmp/player", "/usr/bin/curl", Named("/usr/bin/curl", "/tmp/player")),
        ("/tmp/python", "/tmp/python", "/usr/bin/curl", Named("/usr/bin/curl", "/tmp/python")),
        ("/proc/self/fd/4", "memfd:x", "", Named("memfd:x", "/proc/self/fd/4")),
    ],
)
def test_a_program_has_the_name_that_tells_most(asked: str, leads: str, found: str, name: Named) -> None:
    assert ran(asked, leads, found) == name


@pytest.mark.parametrize(
    ("leads", "found", "changed"),
    [
        ("/tmp/ok", "/home/u/.ssh/id_rsa", True),
        ("/etc/hostname", "/home/u/.ssh/id_rsa", True),
        ("/tmp/ok", "/etc/shadow", True),
        ("/etc/localtime", "/usr/share/zoneinfo/UTC", False),
        ("/etc/mtab", "/proc/self/mounts", False),
        ("/tmp/ok", "/tmp/moved/ok", False),
        ("/proc/self/fd/9", "/tmp/x", False),
        ("/tmp/fifo", "", False),
        ("?/x", "/tmp/y", False),
    ],
)
def test_what_no_link_explains_was_changed(leads: str, found: str, changed: bool) -> None:
    assert is_changed(leads, found, Links(whole=True)) is changed
    assert is_changed("/tmp/ok", "/home/u/x", Links()) is False


_PARTS = st.lists(
    st.sampled_from(["a", "b", "..", ".", "", "proc", "self", "7", "fd", "3", "root", "cwd", "task", "dev"]),
    max_size=12,
)
_PATHS = _PARTS.map(lambda parts: "/" + "/".join(parts))


@given(st.lists(st.tuples(_PATHS, _PATHS | st.just("..") | st.text(max_size=5)), max_size=8), _PATHS, st.booleans())
def test_any_links_lead_somewhere(known: list[tuple[str, str]], path: str, follow: bool) -> None:
    one = process()
    one.links.replace(known, whole=True)
    for start, end in known:
        one.links.move(start, end)
    found = one.leads(
        Quoted(path.encode(), cut=False), "AT_FDCWD", one.resolve(Quoted(path.encode(), cut=False)), follow=follow
    )
    assert found.startswith(("/", "memfd:"))
    assert found == tidy(found) or found.startswith("memfd:")


@given(_PATHS)
def test_without_links_a_path_is_its_text(path: str) -> None:
    if not path.startswith(("/proc", "/dev", "//", "/./", "/../")):
        normal = posixpath.normpath(path)
        if not normal.startswith(("/proc", "/dev")) and "proc" not in path and "dev" not in path:
            assert Links().lead(path, Magic(7, lambda number, words: None)) == normal
