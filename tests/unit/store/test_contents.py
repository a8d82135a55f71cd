"""The bounds of an archive hold whatever a run within the default limits leaves."""

from __future__ import annotations

import re
from pathlib import Path

from internet.settings import Limits as InternetLimits

from analyzer.model.event import PHASES
from analyzer.sandbox.interface import Limits
from analyzer.store.contents import MAX_DOCUMENT_BYTES, MAX_FILE_BYTES, MAX_TOTAL_BYTES, MIB, most_bytes
from tests.unit.store.archives import CONTENT

HOOD = Path(__file__).parents[3] / "probes" / "hood" / "__init__.py"


def test_a_run_within_the_default_limits_fits() -> None:
    limits, internet = Limits(), InternetLimits()
    phase = limits.trace_bytes + limits.probe_bytes + 2 * limits.output_bytes
    trees = (len(PHASES) + 1) * limits.tree_entries * 1024
    assert (
        len(PHASES) * phase + internet.log_bytes + internet.capture_bytes + internet.sent_bytes + trees
        <= MAX_TOTAL_BYTES
    )
    assert max(limits.trace_bytes, internet.log_bytes, limits.tree_entries * 1024) <= MAX_FILE_BYTES


def test_the_largest_output_limit_fits_into_one_file() -> None:
    assert MAX_FILE_BYTES >= 1024 * MIB


def test_every_file_that_the_supervisor_says_it_writes_is_kept() -> None:
    said = re.findall(r"^(\S+\.jsonl?|steps/NN-phase\.\w+)|\s(steps/NN-phase\.\w+)", HOOD.read_text(), re.MULTILINE)
    names = {(a or b).replace("NN-phase", "07-import").replace("PHASE", "import") for a, b in said}
    assert {"end.json", "steps.jsonl", "distributions.json", "steps/07-import.driver"} <= names
    assert [name for name in names if not most_bytes(name)] == []


def test_what_is_read_at_once_is_bounded_more_tightly() -> None:
    assert {name: most_bytes(name) for name in CONTENT} == {
        name: MAX_FILE_BYTES if "/" in name else MAX_DOCUMENT_BYTES for name in CONTENT
    }


def test_nothing_else_is_kept() -> None:
    assert not any(map(most_bytes, ("", "internet/ca.pem", "fumehood-record.json", "steps", "../end.json")))
