"""Texts are the same on another day, in another place and in another version, and else as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.trace.canonical.lasting import Lasting

NOW = 1_795_000_000.0  # 2026-11-18
HOME = "/home/alex"

LASTING = [
    ("/home/alex/.ssh/id_rsa", "~/.ssh/id_rsa"),
    ("file:///home/alex/x", "file://~/x"),
    ("/home/alexandra/x", "/home/alexandra/x"),
    ("/home/alex/project/.venv/lib/python3.11/site-packages/six.py", "{site}/six.py"),
    ("/home/alex/project/.venv/lib64/python3.9/site-packages/six.py", "{site}/six.py"),
    ("/home/alex/project/.venv/bin/python3.13 -m six", "~/project/.venv/bin/python -m six"),
    ("/usr/bin/python3.11 x.py", "{python} x.py"),
    ("/usr/local/bin/python3 x.py", "{python} x.py"),
    ("/usr/bin/python3-config", "/usr/bin/python3-config"),
    ("/usr/local/lib/python3.13/json/decoder.py", "{stdlib}/json/decoder.py"),
    ("/home/alex/.local/lib/python3.12/x", "~/.local/lib/python3.{n}/x"),
    ("__pycache__/a.cpython-313.pyc", "__pycache__/a.cpython-3{n}.pyc"),
    ("Python-urllib/3.11", "Python-urllib/{n}"),
    ("{site}/urllib3-2.5.0.dist-info/METADATA", "{site}/urllib3-{version}.dist-info/METADATA"),
    ("/srv/packages/idna-3.10-py3-none-any.whl", "/srv/packages/idna-{version}-py3-none-any.whl"),
    (
        "/x/numpy-2.1-cp311-cp311-manylinux_2_17_x86_64.whl",
        "/x/numpy-{version}-cp3{n}-cp3{n}-manylinux_2_17_x86_64.whl",
    ),
    ("/x/a-1.0.tar.gz", "/x/a-{version}.tar.gz"),
    ("libfoo-040039e1.so.5.0.0", "libfoo-{hash}.so.5.0.0"),
    ("/x/.lock-1648d68f-3b5a-43b8-b5f5-a7f50228c165", "/x/.lock-{uuid}"),
    ("/dev/shm/psm_d86680b7", "/dev/shm/psm_{random}"),
    ("/tmp/pymp-ab12_9xy/listener-q1w2e3r4", "/tmp/pymp-{random}/listener-{random}"),
    ("/proc/123/maps", "/proc/{pid}/maps"),
    ("http://127.0.0.1:43211/x", "http://127.0.0.1:{port}/x"),
    ("127.0.0.1:8000", "127.0.0.1:8000"),
    ("192.0.2.1:43211", "192.0.2.1:43211"),
    ("socket.connect(('127.0.0.1', 60999))", "socket.connect(('127.0.0.1', {port}))"),
    ("http://a.example/1795000001", "http://a.example/{time}"),
    ("http://a.example/1795000001.25?x=1794999999123", "http://a.example/{time}?x={time}"),
    ("http://a.example/1600000000", "http://a.example/1600000000"),
    ("/log/2026-11-18T01:02:03.5Z.txt", "/log/{time}.txt"),
    ("/log/2026-11-18/x", "/log/{time}/x"),
    ("api-version=2020-01-01", "api-version=2020-01-01"),
    ("/x/2026-99-99", "/x/2026-99-99"),
    ("/v/4.2.1/notes", "/v/{version}/notes"),
    ("/v/v4.2.1", "/v/{version}"),
    ("/v/4.2.10 /v/14.2.1 /v/4.2.1.1", "/v/4.2.10 /v/14.2.1 /v/4.2.1.1"),
    ("/home/alex/project/data/april/notes.txt", "~/project/data/{folder}/notes.txt"),
    ("HTTP/1.1", "HTTP/1.1"),
    ("/home/alex/\udcff", "~/\\udcff"),
]


@pytest.mark.parametrize(("text", "expected"), LASTING)
def test_a_text_is_as_in_any_run(text: str, expected: str) -> None:
    assert Lasting(HOME, "sample", "4.2.1")(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("sample-7/x", "sample-{version}/x"), ("SAMPLE/7", "SAMPLE/{version}"), ("/v/7/x 7", "/v/7/x 7"), ("a=7", "a=7")],
)
def test_a_version_without_a_dot_is_one_behind_the_name_alone(text: str, expected: str) -> None:
    assert Lasting(HOME, "sample", "7")(text, NOW) == expected


@pytest.mark.parametrize(("home", "name", "version"), [("/", "", ""), ("", "x", "y"), ("/home/alex", "a" * 200, "1")])
def test_what_is_not_known_changes_nothing(home: str, name: str, version: str) -> None:
    assert Lasting(home, name, version)("/root/x-1 y", NOW) == "/root/x-1 y"


@given(st.text(max_size=200), st.floats(min_value=0, max_value=4e9))
def test_any_text_has_one_that_is_encodable(text: str, time: float) -> None:
    lasting = Lasting(HOME, "sample", "4.2.1")
    found = lasting(text, time)
    found.encode()
    assert lasting(text, time) == found


def test_the_rest_of_a_long_text_is_told_by_a_digest() -> None:
    lasting = Lasting(HOME)
    one, other = (lasting(f"/home/alex/{'x' * 5000}{end}", NOW) for end in "ab")
    assert one != other
    assert one[:4000] == other[:4000]
    assert one.startswith("~/xx")
    assert len(one) < 4200


def test_of_very_many_long_texts_less_is_looked_at() -> None:
    lasting = Lasting(HOME)
    texts = {len(lasting(f"{number} {'x' * 3000} /home/alex", NOW)) for number in range(1005)}
    assert max(texts) > 3000
    assert min(texts) < 1100
