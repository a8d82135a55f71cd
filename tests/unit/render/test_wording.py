from __future__ import annotations

import pytest

from analyzer.model.report import (
    CallableCoverage,
    Completeness,
    Coverage,
    FailedModule,
    LimitUse,
    ModuleCoverage,
    ScriptCoverage,
)
from analyzer.render.wording import limit_amount, limit_name, moment, near_limits, reached


@pytest.mark.parametrize(
    ("phase", "during", "told"),
    [
        ("import", "import of sample.api", "import · sample.api"),
        ("execute", "call of sample.api:Client.get", "call · sample.api:Client.get"),
        ("execute", "script sample --help", "script · sample --help"),
        ("execute", "python -m sample", "python -m sample"),
        ("startup", "a new interpreter", "a new interpreter"),
        ("install", "install", "install"),
        ("import", "import", "import"),
        ("execute", "", "execute"),
        ("import", "import of \x1b[2J", r"import · \x1b[2J"),
    ],
)
def test_what_ran_is_said_in_short(phase: str, during: str, told: str) -> None:
    assert moment(phase, during) == told


def test_a_long_name_does_not_make_a_long_bracket() -> None:
    assert len(moment("import", "import of " + "x" * 5000)) < 110


def test_what_was_reached_is_one_line() -> None:
    coverage = Coverage(
        modules=ModuleCoverage(
            total=6,
            imported=1,
            failed=[
                FailedModule(name="a", reason="missing dependency", missing="numpy"),
                FailedModule(name="b", reason="missing dependency", missing="scipy"),
                FailedModule(name="c", reason="cut after 20 s"),
                FailedModule(name="d", reason="cut after 7 s"),
            ],
            left_out=1,
        ),
        scripts=ScriptCoverage(total=1, run=1),
        callables=CallableCoverage(found=1520, called=1400),
    )
    assert reached(coverage) == (
        "1 of 6 modules (missing dependency 2, cut 2, other 1), 1 of 1 script, 1,400 of 1,520 callables"
    )


def test_nothing_is_said_where_there_was_nothing_to_reach() -> None:
    assert reached(Coverage()) == ""
    assert reached(Coverage(scripts=ScriptCoverage(total=2, run=2))) == "2 of 2 scripts"


def test_only_what_came_near_its_limit_is_told() -> None:
    far = LimitUse(name="processes", used=79, limit=100, unit="count")
    near = LimitUse(name="processes", used=80, limit=100, unit="count")
    above = LimitUse(name="memory_bytes", used=2e9, limit=1e9, unit="bytes")
    call = LimitUse(name="call_seconds", used=2, limit=2, unit="seconds", what="a:f")
    limits = [far, near, call, above]
    assert near_limits(Completeness(status="complete", events=0, dropped=0, limits=limits)) == [near, above]


def test_limits_are_said_with_their_units() -> None:
    assert limit_amount(LimitUse(name="processes", used=1234, limit=4096, unit="count")) == "1,234 of 4,096"
    assert limit_amount(LimitUse(name="disk_bytes", used=1e6, limit=2e6, unit="bytes")) == "1.0 MB of 2.0 MB"
    assert limit_amount(LimitUse(name="import_seconds", used=1.25, limit=20, unit="seconds")) == "1.2 s of 20 s"
    assert limit_name("import_seconds") == "time to import"
    assert limit_name("something_new") == "something_new"
