"""Requirements files: what pip would take, and what is told of the rest."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.acquire.lists import Listing, read_requirements
from analyzer.acquire.lists.entry import MAX_ENTRIES
from analyzer.acquire.lists.requirements import parse_requirements
from analyzer.errors import UsageError

ONE, OTHER = "a" * 64, "b" * 64


def targets(listing: Listing) -> list[str]:
    return [one.target for one in listing.wanted]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("six", ["six"]),
        ("six==1.17.0\nidna>=3,<4", ["six==1.17.0", "idna<4,>=3"]),
        ("  six == 1.17.0  # why\n#all\n\n", ["six==1.17.0"]),
        ("six#1", []),
        ("requests[socks, use-chardet]==2.32", ["requests[socks,use-chardet]==2.32"]),
        ("six\\\n==1.17.0", ["six==1.17.0"]),
        ("six \\\n# a comment within\n>=1", ["six", None]),
        ("\ufeffsix", ["six"]),
        ("./dist/x-1.0.tar.gz", ["./dist/x-1.0.tar.gz"]),
        ("x-1.0-py3-none-any.whl", ["x-1.0-py3-none-any.whl"]),
        ("six==1.17.0 --config-settings=a=b", ["six==1.17.0"]),
        ("six\\", ["six"]),
    ],
)
def test_what_is_wanted(text: str, wanted: list[str | None], tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(text, encoding="utf-8")
    listing = read_requirements(path)
    assert targets(listing) == [one for one in wanted if one is not None]
    assert len(listing.refused) == (text == "six#1") + wanted.count(None)


def test_markers_and_digests_stand_beside_the_target() -> None:
    listing = parse_requirements(f"six==1.0; python_version<'3' --hash=sha256:{ONE} \\\n  --hash sha256:{OTHER}\n")
    (one,) = listing.wanted
    assert (one.target, one.marker) == ("six==1.0", 'python_version < "3"')
    assert one.digests == {f"sha256:{ONE}", f"sha256:{OTHER}"}
    assert one.place == "requirements.txt, line 1"


def test_a_digest_that_nobody_can_check_is_refused() -> None:
    listing = parse_requirements("six==1.0 --hash=md5:0123\nidna\n")
    assert targets(listing) == ["idna"]
    assert "none of its digests" in listing.refused[0].why


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("-e .", "editable"),
        ("--editable=git+https://a.example/x#egg=x", "editable"),
        ("https://user:secret@a.example/x.whl", "URL"),
        ("git+ssh://git@a.example/x", "URL"),
        ("x @ https://a.example/x.whl", "URL"),
        ("!!!", "no requirement"),
        ("-r missing.txt", "No such file"),
        ("-r https://a.example/x.txt", "URL"),
        ("-c", "no plain file"),
        ("x" * 5000, "no requirement"),
    ],
)
def test_what_is_not_analysed_is_one_line_and_stops_nothing(line: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(f"first\n{line}\nlast\n", encoding="utf-8")
    listing = read_requirements(path)
    assert targets(listing) == ["first", "last"]
    (refused,) = listing.refused
    assert refused.place == "requirements.txt, line 2"
    assert "secret" not in refused.why
    assert refused.why.isprintable()
    assert why in refused.why


@pytest.mark.parametrize(
    "line",
    ["--index-url https://u:secret@a.example/simple", "-i https://a.example", "--pre", "--no-binary :all:", "-fx"],
)
def test_other_options_are_passed_over_and_named_without_their_value(line: str) -> None:
    listing = parse_requirements(f"{line}\nsix\n")
    assert targets(listing) == ["six"]
    assert listing.refused == []
    assert listing.notes == [f"requirements.txt, line 1: {line.split()[0]} is passed over"]


def test_files_that_are_named_are_read_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "inner.txt").write_text("idna\n-c ../limits.txt\n")
    (tmp_path / "limits.txt").write_text("six<2\nurllib3==2.0 ; python_version > '3'\nx[y]\nx @ https://a.example/\n")
    (tmp_path / "requirements.txt").write_text("six\n-r base/inner.txt\n--requirement=base/inner.txt\n")
    listing = read_requirements(tmp_path / "requirements.txt")
    assert targets(listing) == ["six", "idna", "idna"]
    assert [one for one in listing.constraints if one.startswith(("six<", "urllib3"))][:2] == [
        "six<2",
        'urllib3==2.0; python_version > "3"',
    ]
    assert len(listing.refused) == 4  # twice each of the constraints that are none


def test_files_that_name_each_other_end(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("-r b.txt\nsix\n")
    (tmp_path / "b.txt").write_text("-r a.txt\nidna\n")
    listing = read_requirements(tmp_path / "a.txt")
    assert targets(listing) == ["idna", "six"]
    assert "one file too many" in listing.refused[0].why


def test_many_files_end(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("-r b.txt\n" * 150)
    (tmp_path / "b.txt").write_text("six\n")
    listing = read_requirements(tmp_path / "a.txt")
    assert len(listing.wanted) == 99
    assert len(listing.refused) == 51


def test_a_file_that_is_named_must_be_a_plain_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.txt").write_text("-r pipe\n-r /dev/zero\n-r .\nsix\n")
    listing = read_requirements(tmp_path / "a.txt")
    assert targets(listing) == ["six"]
    assert len(listing.refused) == 3


def test_the_user_may_name_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("six\n",))
    writer.start()
    assert targets(read_requirements(pipe)) == ["six"]
    writer.join()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("six==1.0\n".encode(encoding))
    assert targets(read_requirements(tmp_path / "a.txt")) == ["six==1.0"]


def test_a_list_without_an_end_is_cut_and_says_so() -> None:
    listing = parse_requirements("six\n" * (MAX_ENTRIES + 10))
    assert len(listing.wanted) + len(listing.constraints) <= MAX_ENTRIES + 2
    assert "too long" in listing.refused[-1].why


@pytest.mark.parametrize("name", ["missing.txt", ".", "nul\0l"])
def test_a_list_that_cannot_be_read(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_requirements(tmp_path / name)
    assert str(caught.value).isprintable()


@given(
    st.lists(
        st.sampled_from(
            ["six", "-r x", "# c", " \\", "--hash=sha256:" + ONE, "@", ";", "https://a.example", "\0", "é"]
        ),
        max_size=12,
    )
)
def test_any_text_is_borne(pieces: list[str]) -> None:
    listing = parse_requirements("\n".join(pieces) + " ".join(pieces))
    assert all(one.why.isprintable() for one in listing.refused)
