"""Small logs for the tests: system calls of process 10, which runs the command, unless a line names its own process."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analyzer.trace.authors.installed import Installed, InstalledDistribution
from analyzer.trace.calls.calllog import StraceLog
from analyzer.trace.calls.kernel import Act, KernelTrace, trace
from analyzer.trace.logs.probe import ProbeCall
from analyzer.trace.timeline import StepTexts, Timeline, add_step

if TYPE_CHECKING:
    from analyzer.model.event import Detail, Event, Phase

DATA = Path(__file__).parents[2] / "data" / "strace"
SITE = "/home/u/project/.venv/lib/python3.11/site-packages"
COMMAND = "/home/u/project/.venv/bin/python"
START = f'execve("{COMMAND}", ["python"], 0x7 /* 3 vars */) = 0'
OWN_NUMBER = 'openat(AT_FDCWD, "/run/session/events/7", O_WRONLY) = -1 ENOTDIR (Not a directory)'

INSTALLED = Installed(
    (
        InstalledDistribution(
            name="target", version="1", requested=True, files=(f"{SITE}/target.py",), modules=("target",), scripts=()
        ),
        InstalledDistribution(
            name="helper", version="2", requested=False, files=(f"{SITE}/helper.py",), modules=("helper",), scripts=()
        ),
    )
)


def lines(*calls: str, command: str = START) -> list[str]:
    """A log's lines, a tenth of a second apart. A call may begin with `@PID`, and with `+SECONDS` after 1000."""
    log = []
    for number, call in enumerate((command, OWN_NUMBER, *calls)):
        match = re.match(r"(?:@(\d+) )?(?:\+([\d.]+) )?(.*)", call, re.DOTALL)
        assert match is not None
        at = 1000 + (float(match[2]) if match[2] else number / 10)
        log.append(f"{match[1] or 10}  {at:.6f} {match[3]}\n")
    return log


def text_log(log: list[str]) -> StraceLog:
    """strace's log of these lines."""
    return StraceLog("steps/01-step.strace", lambda: log)


def run(*calls: str) -> KernelTrace:
    """The trace of a log in which process 10 runs the command in /home/u."""
    return trace(text_log(lines(*calls)), COMMAND, "/home/u")


def acts(*calls: str) -> list[Act]:
    """What the calls after the command's start came to."""
    return run(*calls).acts[1:]


def details(*calls: str) -> list[Detail]:
    """The acts' details alone."""
    return [act.detail for act in acts(*calls)]


def probe_line(
    seconds: float,
    name: str,
    *arguments: str,
    file: str = f"{SITE}/target.py",
    line: int = 3,
    stack: tuple[tuple[str, int], ...] = (),
    pid: int = 7,
) -> str:
    """A line of the probe, at a time after 1000."""
    fields: dict[str, Any] = {
        "t": 1000 + seconds, "p": pid, "n": 1, "e": name, "a": arguments, "f": file, "l": line, "m": "m", "s": stack,
    }  # fmt: skip
    return json.dumps(fields, separators=(",", ":")) + "\n"


def probe_call(*args: Any, **kwargs: Any) -> ProbeCall:
    """The same as an object."""
    return ProbeCall.model_validate_json(probe_line(*args, **kwargs))


def step(log: list[str], *probe: str, phase: Phase = "import", command: str = COMMAND) -> Timeline:
    """A timeline of one step."""
    timeline = Timeline()
    texts = StepTexts(phase, "01-step", command, "/home/u/project", 999, 2000, text_log(log), probe)
    add_step(timeline, texts, INSTALLED)
    return timeline


def one(timeline: Timeline, kind: str, **fields: Any) -> Event:
    """The only event of a kind whose detail has these values."""
    found = [
        event
        for event in timeline.events
        if event.kind == kind and all(getattr(event.detail, name) == value for name, value in fields.items())
    ]
    assert len(found) == 1, found
    return found[0]
