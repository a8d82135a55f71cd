"""Reports of runs that somebody directed: at places of the code, or by hand."""

from __future__ import annotations

from analyzer.model.report import Completeness, Direction, Exploration, Report
from tests.unit.render.eventful import rich_report

BY_HAND = "explored by hand: only what the user did was run"


def guided_report(**changes: object) -> Report:
    """The eventful package, tried by hand in a shell, with three places at which the run was directed."""
    fields: dict[str, object] = {
        "completeness": Completeness(status="incomplete", reasons=[BY_HAND], events=311, dropped=0),
        "exploration": Exploration(opened="shell", duration_seconds=312.4, exit="0"),
        "directions": made_directions(),
    }
    return rich_report().model_copy(update=fields | changes)


def made_directions() -> list[Direction]:
    """A line that was run, a function of a finding without a line, and a file that is not installed."""
    return [
        Direction(
            asked="src/acme_telemetry/_send.py", file="acme_telemetry/_send.py", module="acme_telemetry._send", function="Client.post",
            line=88, end_line=91, reached="line", during="call of acme_telemetry._send:Client.post",
        ),
        Direction(asked="acme_telemetry/guard.py", file="acme_telemetry/guard.py", function="start", reached="function"),
        Direction(asked="acme_telemetry/win.py", file="acme_telemetry/win.py", line=12, end_line=12, reached="nothing"),
        Direction(asked="setup.py", line=3, detail="the file is not installed"),
    ]  # fmt: skip
