"""`python -m tests.soak.run [--runs N] [--seed N] [--minutes N]`: kills analyses at random moments, and counts what is wrong after.

Each run is an analysis of a package that does nothing, in one of the sandboxes with one of the tracers. At a random moment of it
the analyzer gets one of the signals, or a random process of ours inside the sandbox is killed. After an analyzer was
killed (SIGKILL), what it left is to end by itself, and to go with the next run, which has to be complete.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import docker
import psutil

from tests.integration.lifecycle import command, environment, left_by, naming, still_running, tree_of
from tests.packages import make_wheel
from tests.signals import heard
from tests.soak.checks import half_files, strays, told, work_was_over
from tests.soak.victims import victims

PLACES = [(sandbox, tracer) for sandbox in ("embedded", "docker") for tracer in ("kernel", "strace")]
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL]
INSIDE = "inside"
_SECONDS = 400.0
_LOOK = 0.02


@dataclass
class Soak:
    """The folders of a soak, and what was counted."""

    folder: Path
    client: docker.DockerClient
    wheel: Path
    durations: dict[tuple[str, str], float] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    @property
    def temporary(self) -> Path:
        return self.folder / "temporary"

    @property
    def outputs(self) -> Path:
        return self.folder / "outputs"

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    def start(self, place: tuple[str, str]) -> subprocess.Popen[str]:
        outputs = ("-q", "-o", f"json={self.outputs}/report.json", "-o", f"record={self.outputs}/run.record")
        with heard():
            return subprocess.Popen(
                command(self.wheel, *place, *outputs),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env=environment(self.cache, self.temporary),
            )

    def whole(self, place: tuple[str, str], label: str) -> None:
        """A run that nobody disturbs, which has to be complete; it also removes what those before left."""
        began = time.monotonic()
        process = self.start(place)
        said, _ = process.communicate(timeout=_SECONDS)
        self.durations.setdefault(place, time.monotonic() - began)
        self._hold(label, process.returncode == 0, f"the run after it ended with {process.returncode}: {said[-600:]}")
        self._nothing_left(label, process.pid, [], place)

    def hurt(self, place: tuple[str, str], how: str, moment: float, choice: random.Random) -> None:
        """One run that is disturbed."""
        label = f"{'/'.join(place)} {how} at {moment:.2f} s"
        before = time.time()
        process = self.start(place)
        client = self.client if place[0] == "docker" else None
        time.sleep(moment)
        tree = tree_of(process.pid, client) if process.poll() is None else []
        victim = self._strike(process, how, client, choice)
        struck = time.time()
        try:
            said, _ = process.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
            said += "\nIT HUNG"
        label += f" ({victim})" if victim else " (nothing to kill any more)"
        report = self.outputs / "report.json"
        fresh = report.exists() and report.stat().st_mtime >= before
        status, reasons = told(report) if fresh else ("", [])
        over = how == INSIDE and status == "complete" and work_was_over(self.outputs / "run.record", struck)
        self.counts[f"{'/'.join(place)} {how}: {process.returncode}"] += 1
        print(f"{label}: exit {process.returncode} {status} {'; '.join(reasons)[:200]}", flush=True)
        self._judge(label, how, "" if over else victim, process.returncode, status, said)
        if how == signal.SIGKILL.name and victim:
            self._ended_by_itself(label, tree)
            self.whole(place, label)
        else:
            self._nothing_left(label, process.pid, tree, place)

    def _strike(
        self, process: subprocess.Popen[str], how: str, client: docker.DockerClient | None, choice: random.Random
    ) -> str:
        if how != INSIDE:
            if process.poll() is not None:
                return ""
            process.send_signal(signal.Signals[how])
            return "the analyzer"
        while process.poll() is None:
            if found := victims(process.pid, client):
                name, one = choice.choice(sorted(found, key=lambda pair: (pair[0], pair[1].pid)))
                try:
                    one.kill()
                except psutil.Error:
                    continue
                return f"{name} {one.pid}"
            time.sleep(_LOOK)
        return ""

    def _judge(self, label: str, how: str, victim: str, code: int, status: str, said: str) -> None:
        if _before_it_began(said):
            return None
        self._hold(label, "Traceback" not in said and "IT HUNG" not in said, f"it says {said[-3000:]}")
        if not victim:
            return self._hold(label, code == 0, f"undisturbed, it ended with {code}: {said[-600:]}")
        if how == INSIDE:
            self._hold(
                label,
                code in {3, 4} and status != "complete",
                f"it ended with {code} and a {status} report: {said[-600:]}",
            )
            return self._hold(label, len(said.splitlines()) == (code == 3), f"it says {said[-600:]}")
        number = signal.Signals[how]
        expected = -number if number == signal.SIGKILL else 128 + number
        self._hold(label, code in {expected, 0}, f"it ended with {code}: {said[-600:]}")
        if code == expected and number != signal.SIGKILL:
            self._hold(label, said == "fumehood: interrupted, nothing left behind\n", f"it says {said[-600:]!r}")
        return None

    def _ended_by_itself(self, label: str, tree: list[psutil.Process]) -> None:
        left = still_running(tree) or still_running(naming(str(self.temporary)))
        self._hold(label, not left, f"still running ten seconds later: {left}")

    def _nothing_left(self, label: str, pid: int, tree: list[psutil.Process], place: tuple[str, str]) -> None:
        left = left_by(pid, tree, self.temporary, self.client if place[0] == "docker" else None)
        left += [f"process {one}" for one in still_running(naming(str(self.temporary)), 2.0)]
        left += half_files(self.outputs, self.folder) + strays(self.cache)
        self._hold(label, not left, f"left: {left}")

    def _hold(self, label: str, fine: bool, problem: str) -> None:
        if not fine:
            self.problems.append(f"{label}: {problem}")
            print(f"PROBLEM {label}: {problem}", flush=True)


def _before_it_began(said: str) -> bool:
    """Whether the signal met an interpreter that had not come to a line of ours yet; then Python itself says so."""
    return "KeyboardInterrupt" in said and f"{os.sep}analyzer{os.sep}" not in said


def main() -> int:
    """Runs the soak; the exit status is 1 where anything was wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--minutes", type=float, default=1000.0)
    parser.add_argument("--how", choices=[*(one.name for one in SIGNALS), INSIDE])
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    choice = random.Random(arguments.seed)
    deadline = time.monotonic() + arguments.minutes * 60
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        for one in ("temporary", "outputs", "cache"):
            (folder / one).mkdir()
        soak = Soak(
            folder,
            docker.from_env(timeout=120),
            make_wheel(folder, "quiet", modules={"quiet.py": "def nothing():\n    pass\n"}),
        )
        for place in PLACES:
            soak.whole(place, "at first")  # measures the empty package
            soak.durations.pop(place)
            soak.whole(place, "at first")
        done = 0
        kinds = [arguments.how] if arguments.how else [*(one.name for one in SIGNALS), INSIDE, INSIDE]
        while done < arguments.runs and time.monotonic() < deadline:
            place, how = choice.choice(PLACES), choice.choice(kinds)
            soak.hurt(place, how, choice.uniform(0, soak.durations.get(place, 5.0)), choice)
            done += 1
    for text, count in sorted(soak.counts.items()):
        print(f"{count:5} {text}")
    print(f"seed {arguments.seed}: {done} runs, {len(soak.problems)} problems")
    for problem in soak.problems:
        print(f"  {problem}")
    return 1 if soak.problems else 0


if __name__ == "__main__":
    sys.exit(main())
