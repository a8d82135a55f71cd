"""Texts lose what a run makes anew, and nothing that somebody chose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.trace.canonical.normalising import MAX_TEXT, Normaliser

HEX = "0123456789abcdef"

SAME = [
    ("/tmp/tmpk3j2h1ab/x", "/tmp/tmpzz00_9qq/x"),
    ("/tmp/.tmpQmHcYb/a", "/tmp/.tmp9E1GKY/a"),
    ("/home/alex/.cache/uv/builds-v0/.tmpay0DwF/bin/python", "/home/alex/.cache/uv/builds-v0/.tmpOvfVnh/bin/python"),
    ("/home/alex/x/.tmp-n6w0grfv/y.whl", "/home/alex/x/.tmp-abcdefgh/y.whl"),
    ("/tmp/pip-build-env-ab12cd3_/overlay", "/tmp/pip-build-env-zzzzzzzz/overlay"),
    ("/tmp/pip-install-0a1b2c3d", "/tmp/pip-install-ffffffff"),
    ("/tmp/pip-ephem-wheel-cache-q_w_e_r_", "/tmp/pip-ephem-wheel-cache-12345678"),
    (
        "/home/alex/.cache/uv/archive-v0/aJaABWflRXj4vZ5f/x.py",
        "/home/alex/.cache/uv/archive-v0/hEs7aPlKpEldXvOh/x.py",
    ),
    (
        "/home/alex/.cache/uv/sdists-v11/path/b7566c829843962c/fyuZG-mPZ-UVsLyL/src",
        "/home/alex/.cache/uv/sdists-v11/path/0000c829843962c1/-12345mPZ-UVsLyL/src",
    ),
    ("/proc/123/maps", "/proc/4/maps"),
    ("/proc/123/task/124/comm", "/proc/77/task/78/comm"),
    ("/proc/self/fd/3", "/proc/self/fd/12"),
    ("/dev/pts/0", "/dev/pts/5"),
    ("socket:[123]", "socket:[9]"),
    ("/x/__pycache__/a.cpython-311.pyc.140234234234", "/x/__pycache__/a.cpython-311.pyc.94089234"),
    (HEX * 4, "ab" * 32),
    ("sha256=" + "A" * 43, "sha256=" + "-b" * 21 + "_"),
    ("<function f at 0x7f00aa11bb22>", "<function f at 0x55d0aa11bb99>"),
    ("/site-packages/sample-1.2.dist-info/RECORD", "/site-packages/other_name-3.0.dist-info/RECORD"),
    ("/site-packages/sample.py", "/site-packages/other_name.py"),
    ("/bin/sample", "/bin/other-name"),
]

OTHER = [
    ("/proc/1/environ", "/proc/12/environ"),
    ("/proc/self/maps", "/proc/12/maps"),
    ("/proc/12/maps", "/proc/12/environ"),
    ("/tmp/payload1", "/tmp/payload2"),
    ("/tmp/tmpk3j2h1ab/x", "/tmp/tmpk3j2h1ab/y"),
    ("/tmp/x.sh", "/tmp/tmpk3j2h1ab"),
    ("/tmp/pip-build-env-ab12cd3_/a", "/tmp/pip-install-ab12cd3_/a"),
    ("/home/alex/.ssh/id_rsa", "/home/alex/.ssh/id_ed25519"),
    ("192.0.2.1", "192.0.2.2"),
    ("0x4", "0x8"),
    ("/sample", "/{package}/x"),
    ("/bin/sample", "/bin/samples"),
    ("/bin/sample-2.0", "/bin/sample-1.2"),
    ("a" * 129, "b" * 129),
    ("deadbeef", "cafebabe"),
    ("/x/sample", "/x/_sample"),
]

NAMES = st.sampled_from(
    ["sample", "other", "a", "tmp", "package", "pid", "hash", "1", "-", "{", "}", ".", "\\", "x y", "é", "\ud800", ""]
)
PIECES = st.sampled_from(
    [
        "sample", "other", "package", "pid", "a", "1.0", "-", "/", "{", "}", "{pid}", "{package}", ".tmp", "tmp", "pip-", "install-",
        "abcdefgh", "ABCDEF", HEX, "/proc/", "/task/", "/fd/", "12", "1", "0x", "socket:[", "]", ".pyc.", "123456", "/uv/", "archive-v0/",
        "sdists-v9/path/", "sha256=", "A" * 43, "_", ".", " ", "\n", "\ud800", "é",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60)


def normal(text: str) -> str:
    return Normaliser(["sample"], "1.2")(text)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_a_run_makes_anew_is_the_same(one: str, other: str) -> None:
    assert normal(one) == Normaliser(["other_name", "other-name"], "3.0")(other)
    assert normal(one) != one


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_somebody_chose_differs(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@pytest.mark.parametrize(
    "text", ["", "/usr/lib/python3.11/os.py", "O_RDONLY", "/tmp/x", "/etc/passwd", "tmp", "0x80000"]
)
def test_most_texts_stay(text: str) -> None:
    assert normal(text) == text


def test_the_longest_name_wins() -> None:
    assert Normaliser(["sample", "sample-tool"], "")("/bin/sample-tool") == "/bin/{package}"


def test_a_package_without_names_is_no_pattern() -> None:
    assert Normaliser(["", "x" * 1000], "1.0")("/bin/x 1.0") == "/bin/x 1.0"


@given(TEXTS, st.lists(NAMES, max_size=3), st.sampled_from(["1.0", "", "1", "{", "\ud800"]))
def test_it_is_done_once(text: str, names: list[str], version: str) -> None:
    once = Normaliser(names, version)(text)
    assert Normaliser(names, version)(once) == once
    once.encode()


@given(st.text(max_size=40))
def test_a_text_without_anything_random_keeps_all_its_letters(text: str) -> None:
    plain = text.encode("utf-8", "backslashreplace").decode()
    found = Normaliser([], "")(text)
    assert found == plain or "{" in found


@pytest.mark.parametrize(
    "text",
    [
        "/pip-" * 800,
        "/pip-a" + "-a" * 2000,
        "/uv/archive-v0/" * 270,
        "/proc/" + "1" * 4000,
        "tmp" * 1300,
        "0" * 4000 + "x",
    ],
)
@pytest.mark.timeout(60)
def test_no_text_takes_long(text: str) -> None:
    """Patterns that try again at each place of a text would need minutes for some of these."""
    for number in range(20):
        cut = text[: MAX_TEXT - number]
        assert len(Normaliser(["pip", "a", "tmp"], "1")(cut)) < 10 * len(cut)
