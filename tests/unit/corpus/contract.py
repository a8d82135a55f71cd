"""What a corpus does in whatever database it is. Each function takes the URL of an empty one."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.corpus import Corpus, open_corpus
from analyzer.corpus.database import Database
from analyzer.corpus.location import location
from analyzer.corpus.usualness import ENOUGH, ENOUGH_OF_KIND
from analyzer.errors import CorpusError, RecordError
from analyzer.model.prevalence import Anomaly, CorpusUse, Seen
from analyzer.model.report import Report
from tests.unit.corpus.entries import CONNECTS, READS, report

CHECKOUT = Path(__file__).parents[3]


def made(url: str, *reports: Report) -> Corpus:
    corpus = open_corpus(url, make=True)
    for one in reports:
        assert corpus.add(one)
    return corpus


def an_empty_corpus_knows_nothing(url: str) -> None:
    corpus = made(url)
    assert corpus.use() == CorpusUse(packages=0)
    assert corpus.dependents("six") == 0
    assert corpus.anomalies([READS], ["Topic :: Internet"]) == []
    told = corpus.prevalence([READS])[READS]
    assert told.label == "no data"
    assert told.community == Seen(seen=0, of=0)


def packages_are_counted_by_their_newest_report(url: str) -> None:
    corpus = made(
        url,
        report("six", [READS], day=2),
        report("six", [], day=3),
        report("six", [CONNECTS], day=1),  # an older run that is added later
        report("boto3", [READS, CONNECTS], day=4, requires=["six", "urllib3"]),
        report("somebody-s-own", [READS], day=5, requires=["six", "somebody-s-own"]),
    )
    assert corpus.use() == CorpusUse(packages=3, first="2025-01-03", last="2025-01-05")
    assert corpus.reports() == 5
    told = corpus.prevalence([READS, CONNECTS, "file.read"])
    assert told[READS].top_100 == Seen(seen=1, of=2)
    assert told[READS].top_10k == Seen(seen=1, of=2)
    assert told[READS].community == Seen(seen=2, of=3)
    assert told[CONNECTS].community == Seen(seen=1, of=3)
    assert told["file.read"].community == Seen(seen=0, of=3)
    assert corpus.dependents("Six") == 2
    assert corpus.dependents("somebody.s_own") == 0, "a package does not depend on itself"
    assert corpus.versions("SIX") == {"1.0"}


def groups_have_those_before_them_too(url: str) -> None:
    names = ["boto3", "flask", "bottle", "nobody-knows-it"]  # ranks 1, 134, 1292, none
    told = made(url, *(report(name, [READS]) for name in names)).prevalence([READS])[READS]
    groups = (told.top_100, told.top_1k, told.top_10k, told.community)
    assert groups == tuple(Seen(seen=count, of=count) for count in (1, 2, 3, 4))


def the_same_report_twice_is_one(url: str) -> None:
    corpus = made(url, report("six", [READS]))
    assert not corpus.add(report("six", [READS]))
    assert corpus.reports() == 1
    assert corpus.add(report("six", [READS, CONNECTS])), "the same run, told again by other rules"
    assert corpus.reports() == 1
    assert corpus.prevalence([CONNECTS])[CONNECTS].community == Seen(seen=1, of=1)
    assert not corpus.add(report("six", [], generator="fumehood 0.0.9")), "an older fumehood knows less"
    assert corpus.prevalence([CONNECTS])[CONNECTS].community == Seen(seen=1, of=1)


def incomplete_reports_are_left_out(url: str) -> None:
    corpus = made(url)
    with pytest.raises(RecordError, match="the report of six 1.0 is incomplete and is left out: a log was cut"):
        corpus.add(report("six", status="incomplete"))
    assert corpus.reports() == 0


def what_is_strange_for_its_kind_is_found(url: str) -> None:
    many, few = "Topic :: Software", "Topic :: Clocks"
    corpus = made(url, report("own", [READS, CONNECTS], kinds=[many, few]))
    for number in range(ENOUGH):
        kinds = [many, few] if number < ENOUGH_OF_KIND else [many]
        corpus.add(report(f"other-{number}", [CONNECTS], kinds=kinds))
    asked = [READS, CONNECTS]
    # The smallest kind that has enough, and the package itself is not held against itself.
    assert corpus.anomalies(asked, [many, few], "own") == [Anomaly(behavior=READS, kind=few, seen=0, of=ENOUGH_OF_KIND)]
    assert corpus.anomalies(asked, [many], "own") == [Anomaly(behavior=READS, kind=many, seen=0, of=ENOUGH)]
    assert corpus.anomalies(asked, ["unheard of"], "own") == [Anomaly(behavior=READS, kind="any", seen=0, of=ENOUGH)]
    found = corpus.anomalies(asked, [many])
    assert found == [Anomaly(behavior=READS, kind=many, seen=1, of=ENOUGH + 1)], "a package that is not told counts too"
    assert corpus.anomalies([CONNECTS], [few], "own") == []
    hostile = ["\0", "\n", *(f"kind {number}" for number in range(100_000)), few]
    assert corpus.anomalies(asked, hostile, "own")[0].behavior == READS


def an_export_comes_back_as_it_was(url: str) -> None:
    corpus = made(
        url,
        report("six", [READS], day=2, kinds=["Topic :: Utilities", "any ✓"], requires=["idna"]),
        report("six", [CONNECTS], day=1),
        report("boto3", [], version="2.0rc1"),
    )
    first = io.BytesIO()
    assert corpus.export(first, Path("x.jsonl.gz")) == 3
    wipe(url)
    again = open_corpus(url, make=True)
    assert again.take(io.BytesIO(first.getvalue()), "x.jsonl.gz") == 3
    assert again.take(io.BytesIO(first.getvalue()), "x.jsonl.gz") == 0
    second = io.BytesIO()
    again.export(second, Path("x.jsonl.gz"))
    assert second.getvalue() == first.getvalue()
    assert again.prevalence([READS])[READS].community == Seen(seen=1, of=2)


def a_file_that_ends_in_nonsense_adds_nothing(url: str) -> None:
    corpus = made(url, report("six", [READS], day=2), report("boto3"))
    exported = io.BytesIO()
    corpus.export(exported, Path("x"))
    wipe(url)
    cut = exported.getvalue()[:-20] + b"\n"
    again = open_corpus(url, make=True)
    with pytest.raises(CorpusError, match="x, line 3: it: Invalid JSON"):
        again.take(io.BytesIO(cut), "x")
    assert again.reports() == 0


def several_processes_add_at_once(url: str) -> None:
    made(url)
    program = """
import sys
from analyzer.corpus import open_corpus, shipped
from tests.unit.corpus.entries import READS, report
shipped._data = lambda: b""
number = int(sys.argv[2])
with open_corpus(sys.argv[1]) as corpus:
    for day in range(1, 11):
        assert corpus.add(report("six", [READS] if number else [], day=day, version=f"1.{number}"))
        assert corpus.add(report(f"own-{number}-{day}", [READS]))
"""
    started = [
        subprocess.Popen([sys.executable, "-c", program, url, str(number)], cwd=CHECKOUT, stderr=subprocess.PIPE)
        for number in range(3)
    ]
    for process in started:
        _, problems = process.communicate(timeout=120)
        assert process.returncode == 0, problems.decode()
    corpus = open_corpus(url)
    assert corpus.reports() == 60
    assert corpus.use() == CorpusUse(packages=31, first="2025-01-01", last="2025-01-10")
    seen = corpus.prevalence([READS])[READS].community
    assert seen.of == 31
    assert seen.seen in {30, 31}, "of three reports of one moment, one counts"


def wipe(url: str) -> None:
    """Takes everything out of a database."""
    where = location(url)
    assert where is not None
    if where.path is not None:
        where.path.unlink()
        return
    from analyzer.corpus.schema import METADATA

    with Database(where).writing() as connection:
        METADATA.drop_all(connection)


CHECKS: tuple[Callable[[str], None], ...] = (
    an_empty_corpus_knows_nothing,
    packages_are_counted_by_their_newest_report,
    groups_have_those_before_them_too,
    the_same_report_twice_is_one,
    incomplete_reports_are_left_out,
    what_is_strange_for_its_kind_is_found,
    an_export_comes_back_as_it_was,
    a_file_that_ends_in_nonsense_adds_nothing,
    several_processes_add_at_once,
)
