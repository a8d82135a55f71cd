"""What of the package was reached: its modules, scripts and callables, and why the rest was not."""

from __future__ import annotations

from pydantic import Field

from analyzer.model.base import Model, Text
from analyzer.model.event import Phase


class FailedModule(Model):
    """A module that was not imported, what it raised, and why in a few words.

    `reason` is one of: "missing dependency" (`missing` names it), "other platform", "other Python version", "needs configuration",
    "raised", "ended the interpreter", "crashed (SIGSEGV)" with the signal's name, "cut after 20 s" with the seconds, and "not tried".
    """

    name: Text
    error: Text = ""
    reason: str
    missing: Text = ""


class ModuleCoverage(Model):
    """The modules that the distribution brings. Of those that failed, at most 5,000 are named; `left_out` counts the others."""

    total: int = 0
    imported: int = 0
    failed: list[FailedModule] = Field(default_factory=list)
    left_out: int = 0


class ScriptCoverage(Model):
    """The console and GUI scripts, and `python -m` of what can be run so.

    `run` counts those that were started; `failed` names those that never ended without an error, `cut` those whose time was over.
    A script that wants arguments ends with an error, which says nothing against it.
    """

    total: int = 0
    run: int = 0
    failed: list[Text] = Field(default_factory=list)
    cut: list[Text] = Field(default_factory=list)


class Skipped(Model):
    """Callables that were left out for one and the same reason."""

    why: Text
    count: int


class CallableCoverage(Model):
    """Functions, classes and methods of the package's own modules, which are called with made-up arguments.

    `called` counts those whose call began; of these, `raised` ended with an exception, and `cut` did not end by themselves.
    `skipped` were left out on purpose (`skips` says why), `not_tried` because time was over. What they did is observed; these numbers
    are what the driver tells from inside the package's own process.
    """

    found: int = 0
    called: int = 0
    raised: int = 0
    cut: int = 0
    skipped: int = 0
    not_tried: int = 0
    skips: list[Skipped] = Field(default_factory=list)


class Coverage(Model):
    """How far the run got: the phases in which a command ran, and what these reached."""

    phases: list[Phase] = Field(default_factory=list)
    modules: ModuleCoverage = Field(default_factory=ModuleCoverage)
    scripts: ScriptCoverage = Field(default_factory=ScriptCoverage)
    callables: CallableCoverage = Field(default_factory=CallableCoverage)
