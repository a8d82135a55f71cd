"""Which versions an OSV record is about: the evaluation of the format with the order of PEP 440."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from analyzer.acquire.osv.matching import fixed_in, is_affected
from analyzer.acquire.osv.schema import Affected, Event

NUMBERS = st.integers(0, 30)
RELEASES = st.builds("{}.{}".format, st.integers(0, 4), st.integers(0, 4))
VERSIONS = st.builds(
    "{}{}{}".format, RELEASES, st.sampled_from(["", "a1", "rc2"]), st.sampled_from(["", ".post1", ".dev3"])
)


def ranged(*events: tuple[str, str]) -> tuple[Affected, ...]:
    """One range, as pairs of what happens and where."""
    made: list[Any] = [Event(*event) for event in events]
    return (Affected("", (tuple(made),)),)


def listed(*versions: str) -> tuple[Affected, ...]:
    return (Affected("\n".join(versions), ()),)


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ("1.0", True),
        ("1.9.9", True),
        ("2.0", False),
        ("2.0.0", False),
        ("2.0rc1", True),  # before 2.0
        ("2.0.dev1", True),
        ("2.0.post1", False),
        ("1!0.1", False),  # an epoch is after everything
        ("0", True),
        ("0.dev1", True),  # PEP 440 has it before 0, and the format's "0" is before everything
        ("0a1", True),
        ("v1.0", True),
        ("2.0+local", False),
        ("1.9+local", True),
        ("not a version", False),
        ("1" * 5000, False),
    ],
)
def test_from_the_beginning_to_a_fix(version: str, affected: bool) -> None:
    assert is_affected(version, ranged(("introduced", "0"), ("fixed", "2.0"))) is affected


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ("0.9", False),
        ("1.0", True),
        ("1.0rc1", False),
        ("1.5", True),
        ("1.5+cu118", True),
        ("1.5.post1", False),
        ("1.6", False),
    ],
)
def test_to_the_last_that_is_affected(version: str, affected: bool) -> None:
    assert is_affected(version, ranged(("introduced", "1.0"), ("last_affected", "1.5"))) is affected


@pytest.mark.parametrize(
    ("version", "affected"),
    [("0.5", True), ("1.2", False), ("2.0", True), ("2.2.9", True), ("2.3", False), ("3.0", True)],
)
def test_events_come_in_any_order(version: str, affected: bool) -> None:
    events = [("fixed", "2.3"), ("introduced", "3.0"), ("introduced", "0"), ("fixed", "1.2"), ("introduced", "2.0")]
    assert is_affected(version, ranged(*events)) is affected


def test_one_version_may_be_the_first_and_the_last() -> None:
    one = ranged(("last_affected", "1.0"), ("introduced", "1.0"))
    assert [is_affected(version, one) for version in ("0.9", "1.0", "1.0.1")] == [False, True, False]


def test_what_begins_anew_where_it_was_mended_is_affected() -> None:
    assert is_affected("1.0", ranged(("introduced", "0"), ("introduced", "1.0"), ("fixed", "1.0")))


def test_a_limit_ends_a_range() -> None:
    branch = [("introduced", "1.0"), ("limit", "2.0")]
    assert is_affected("1.9", ranged(*branch))
    assert not is_affected("2.0", ranged(*branch))
    assert is_affected("3.5", ranged(*branch, ("limit", "*")))


@pytest.mark.parametrize(
    ("version", "versions", "affected"),
    [
        ("1.0", ("1.0.0",), True),
        ("1.0.0", ("1",), True),
        ("1.0RC1", ("1.0rc1",), True),
        ("1.0", ("1.0.post1", "1.0.1"), False),
        ("1.0+cu118", ("1.0",), True),
        ("1.0", ("1.0+cu118",), False),
        ("2004d", ("2004d",), True),  # follows no specification
        ("2004e", ("2004d", "1.0"), False),
        ("1.0", ("2004d", "1.0"), True),
        ("", ("1.0",), False),
    ],
)
def test_listed_versions(version: str, versions: tuple[str, ...], affected: bool) -> None:
    assert is_affected(version, listed(*versions)) is affected


def test_an_entry_without_versions_names_none() -> None:
    assert not is_affected("1.0", (Affected("", ()),))
    assert not is_affected("", (Affected("", ()),))


def test_in_doubt_a_version_is_affected() -> None:
    assert is_affected("9.0", ranged(("introduced", "0"), ("fixed", "the next one")))
    assert is_affected("9.0", ranged(("introduced", "0"), ("last_affected", "the last one")))
    assert is_affected("9.0", ranged(("introduced", "some time ago")))


def test_one_entry_is_enough() -> None:
    both = (
        *ranged(("introduced", "0"), ("fixed", "1.0")),
        *ranged(("introduced", "2.0"), ("fixed", "3.0")),
        *listed("5.0"),
    )
    assert [version for version in ("0.1", "1.0", "2.1", "3.0", "5.0") if is_affected(version, both)] == [
        "0.1",
        "2.1",
        "5.0",
    ]


def test_fixes_are_those_after_the_version_in_their_order() -> None:
    both = (
        *ranged(("introduced", "0"), ("fixed", "1.10"), ("introduced", "2.0"), ("fixed", "2.10.0")),
        *ranged(("introduced", "0"), ("fixed", "1.9"), ("fixed", "2.10"), ("fixed", "nonsense")),
    )
    assert fixed_in("1.9", both) == ["1.10", "2.10.0"]
    assert fixed_in("3.0", both) == []
    assert fixed_in("not a version", both) == ["1.9", "1.10", "2.10.0"]


@given(VERSIONS, VERSIONS, VERSIONS)
def test_a_range_is_what_lies_between(version: str, begin: str, end: str) -> None:
    one, first, last = map(Version, (version, begin, end))
    # A fix before the beginning mends nothing of it.
    within = first <= one < last if first < last else first <= one
    assert is_affected(version, ranged(("introduced", begin), ("fixed", end))) is within
    assert is_affected(version, ranged(("fixed", end), ("introduced", begin))) is within
    if first <= last:
        assert is_affected(version, ranged(("introduced", begin), ("last_affected", end))) is (first <= one <= last)


@given(VERSIONS, st.lists(VERSIONS))
def test_a_list_is_what_is_in_it(version: str, versions: list[str]) -> None:
    assert is_affected(version, listed(*versions)) is (Version(version) in {Version(one) for one in versions})


@given(
    st.text(max_size=20),
    st.lists(st.tuples(st.sampled_from(["introduced", "fixed", "last_affected", "limit"]), st.text(max_size=20))),
)
def test_nothing_written_there_is_an_error(version: str, events: list[tuple[str, str]]) -> None:
    is_affected(version, ranged(*events))
    fixed_in(version, ranged(*events))
