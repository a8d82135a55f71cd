"""One weakness that several sources tell of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analyzer.pipeline.vulnerabilities import vulnerabilities
from analyzer.store.project import ProjectFacts, RecordedVulnerability

NAMES = st.sampled_from([f"CVE-{number}" for number in range(8)])
SOME = st.lists(
    st.builds(RecordedVulnerability, id=NAMES, aliases=st.lists(NAMES, max_size=3).map(tuple)), max_size=6
).map(tuple)


def weak(name: str, *aliases: str, **more: object) -> RecordedVulnerability:
    return RecordedVulnerability.model_validate({"id": name, "aliases": aliases} | more)


def test_nobody_was_asked() -> None:
    assert vulnerabilities(ProjectFacts()) is None


def test_one_of_both_is_enough_to_know() -> None:
    assert vulnerabilities(ProjectFacts(osv=())) == []
    assert vulnerabilities(ProjectFacts(vulnerabilities=())) == []


def test_aliases_join_what_two_sources_say() -> None:
    index = (weak("PYSEC-1", "CVE-1", fixed_in=("2.0",)), weak("PYSEC-2"))
    osv = (
        weak("GHSA-1", "CVE-1", summary="It is weak.", fixed_in=("2.0", "1.9"), link="https://x.example/"),
        weak("GHSA-3"),
    )
    found = vulnerabilities(ProjectFacts(vulnerabilities=index, osv=osv))
    assert found is not None
    assert [(one.id, one.source) for one in found] == [("PYSEC-1", "index"), ("PYSEC-2", "index"), ("GHSA-3", "osv")]
    first = found[0]
    assert (first.aliases, first.summary, first.fixed_in) == (["CVE-1", "GHSA-1"], "It is weak.", ["2.0", "1.9"])
    assert first.link == "https://x.example/"


def test_names_join_through_others() -> None:
    found = vulnerabilities(ProjectFacts(osv=(weak("A", "X"), weak("B", "Y"), weak("C", "X", "Y"))))
    assert found is not None
    assert [(one.id, set(one.aliases)) for one in found] == [("A", {"B", "C", "X", "Y"})]


@given(SOME, SOME)
def test_no_name_is_told_twice_and_none_is_lost(
    index: tuple[RecordedVulnerability, ...], osv: tuple[RecordedVulnerability, ...]
) -> None:
    found = vulnerabilities(ProjectFacts(vulnerabilities=index, osv=osv))
    assert found is not None
    told = [name for one in found for name in (one.id, *one.aliases)]
    assert len(told) == len(set(told))
    assert set(told) == {name for one in (*index, *osv) for name in (one.id, *one.aliases)}
