"""Makes small records by hand: the files that a run would have written."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analyzer.model.package import Acquisition, ServedFile
from analyzer.model.report import Report
from analyzer.pipeline.judging.judge import judge
from analyzer.rules.loader import builtin
from analyzer.sandbox.interface import RunFacts
from analyzer.store.record import Record

PYTHON = "/home/alex/project/.venv/bin/python"
SITE = "/home/alex/project/.venv/lib/python3.11/site-packages"
START = 1_000_000.0


@dataclass
class Recording:
    """A record under construction; every phase that gets no step is absent."""

    folder: Path
    steps: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("steps", "trees", "internet"):
            (self.folder / name).mkdir()
        self.write("plan.json", json.dumps({"format": 1, "environment": {"PWD": "/home/alex/project"}}))
        self.write(
            "internet/exchanges.jsonl",
            '{"kind":"capture","time":1,"packets":0,"dropped":0,"cut":false}\n{"kind":"end","time":1}\n',
        )
        self.write("internet/packets.jsonl", '{"kind":"end","packets":0,"undissected":0}\n')
        self.distributions([])
        self.end([])

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def step(self, phase: str, strace: str = "", status: str = "ok", **more: Any) -> None:
        """A command of a phase. `strace` are the calls of its one process, a line each, without pid and time.

        With `kernel`, the bytes of the kernel tracer's log, that is the step's log instead.
        """
        kernel: bytes | None = more.pop("kernel", None)
        number = len(self.steps) + 1
        stem = f"{number:02d}-{phase}"
        argv = more.pop("argv", [PYTHON])
        begin = START + number * 10
        lines = [f'execve("{argv[0]}", ["{argv[0]}"], 0x1 /* 1 var */) = 0', *strace.strip().splitlines()]
        lines += ["+++ exited with 0 +++"]
        if kernel is None:
            self.write(
                f"steps/{stem}.strace",
                "".join(f"100 {begin + place / 100:.6f} {line}\n" for place, line in enumerate(lines)),
            )
        else:
            (self.folder / "steps" / f"{stem}.kernel").write_bytes(kernel)
        for suffix in ("driver", "probe", "out"):
            self.write(f"steps/{stem}.{suffix}", more.pop(suffix, ""))
        step = {
            "step": number, "phase": phase, "subject": phase, "argv": argv, "begin": begin, "end": begin + 5,
            "exit": {"status": 0 if status == "ok" else 1}, "status": status,
            "left_running": False, "reasons": [], "stem": stem,
        }  # fmt: skip
        self.steps.append(step | more)
        self.write("steps.jsonl", "".join(json.dumps(one) + "\n" for one in self.steps))

    def distributions(self, found: list[dict[str, Any]]) -> None:
        defaults = {"version": "1.0", "requested": False, "files": [], "modules": [], "scripts": []}
        self.write("distributions.json", json.dumps([defaults | one for one in found]))

    def end(self, reasons: list[str]) -> None:
        self.write("end.json", json.dumps({"format": 1, "reasons": reasons}))

    def installed(self, modules: tuple[str, ...] = ("sample",)) -> None:
        """The target is installed, with these modules."""
        files = [f"{SITE}/{module.replace('.', '/')}.py" for module in modules]
        urls = ["Source, https://code.example/sample"]
        target = {"name": "sample", "requested": True, "files": files, "modules": list(modules), "urls": urls}
        self.distributions([target])

    def report(self, *reasons: str) -> Report:
        """The report of the record; `reasons` is what the host has against its completeness."""
        target = ServedFile("sample-1.0-py3-none-any.whl", Path("unused"), "0" * 64, 10, "target")
        acquisition = Acquisition("sample", "1.0", "wheel", (), (target,))
        facts = RunFacts("embedded", "bubblewrap", "strace", "3.11.2", "simulated", None, reasons)
        return judge(Record(self.folder), acquisition, facts, datetime(2026, 1, 2, tzinfo=UTC), builtin())
