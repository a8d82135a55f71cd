"""A package that tries to get out of its sandbox in every known way (`tests/data/escapes`), and the host's things that it is not to reach."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import secrets
import select
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from analyzer.acquire import Cache, SimpleIndex
from analyzer.model.report import Report
from analyzer.pipeline import Options, analyze
from analyzer.pipeline.analyze import Analysis
from analyzer.sandbox.interface import Manner
from analyzer.trace.kernellog.tables import call_numbers
from tests.packages import make_wheel

FOLDER = Path(__file__).parents[1] / "data" / "escapes"
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "escapes.yaml").read_text(encoding="utf-8"))

_LIBC = ctypes.CDLL(None, use_errno=True)
_CREATE, _REMOVE = 0o1000, 0
_SETTINGS = (
    "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname", "/proc/sys/kernel/domainname",
)  # fmt: skip


@dataclass
class Host:
    """What is outside of the sandbox: things that have to be as they were, and what was heard."""

    folder: Path
    victim: subprocess.Popen[bytes]
    key: int
    abstract: str
    posix: str
    token: str
    ears: list[socket.socket] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def canary(self) -> Path:
        """A file that its owner alone may read."""
        return self.folder / "canary"

    def facts(self, cache_directory: Path) -> dict[str, Any]:
        """All that a package could know of it only from an accomplice."""
        writes = {
            "canary": str(self.canary),
            "host folder": str(self.folder / "escape"),
            "cache": str(cache_directory / "escape"),
            "another run": str(self.folder / "fumehood-run" / "plan.json"),
            "checkout": str(FOLDER / "escape"),
            "cron": "/etc/cron.d/escape",
            "root": "/root/.bashrc",
            "preload": "/etc/ld.so.preload",
            "record": "/record/steps.jsonl",
            "plan": "/record/plan.json",
        }
        reads = {
            "canary": str(self.canary),
            "shadow": "/etc/shadow",
            "plan": "/record/plan.json",
            "probes": "/opt/probes/hood/__main__.py",
            "another run": writes["another run"],
            "profile": "/srv/seccomp.bpf",
        }
        return {
            "token": self.token, "abstract": self.abstract, "posix": self.posix, "key": self.key, "victim": self.victim.pid,
            "analyzer": os.getpid(), "writes": writes, "reads": reads,
        }  # fmt: skip

    def changed(self) -> list[str]:
        """What is not as it was."""
        found = []
        if self.victim.poll() is not None:
            found.append("the host's process has ended")
        if sorted(path.name for path in self.folder.iterdir()) != ["canary", "fumehood-run"]:
            found.append("the host's folder has other files")
        if self.canary.read_text() != self.token or self.canary.stat().st_mode & 0o777 != 0o600:
            found.append("the canary has changed")
        if (self.folder / "fumehood-run" / "plan.json").read_text() != self.token:
            found.append("another run's plan has changed")
        if Path("/dev/shm", self.posix).read_text() != self.token:
            found.append("the host's shared memory has changed")
        heard = [ear for ear in self.ears if select.select([ear], [], [], 0)[0]]
        if heard:
            found.append(f"the host's sockets heard something: {heard}")
        found += [f"{path} has changed" for path, text in self.settings.items() if Path(path).read_text() != text]
        return found


@contextmanager
def host(folder: Path) -> Iterator[Host]:
    """Makes it, and removes what would stay."""
    token = secrets.token_hex(16)
    folder.mkdir()
    with ExitStack() as stack:
        victim = subprocess.Popen(["sleep", "600"])
        stack.callback(lambda: (victim.kill(), victim.wait()))
        found = Host(
            folder, victim, secrets.randbelow(1 << 28) + 2, f"escape-{token[:8]}", f"escape-{token[:8]}", token
        )
        found.settings = {path: Path(path).read_text() for path in _SETTINGS if Path(path).is_file()}
        found.canary.write_text(token)
        found.canary.chmod(0o600)
        (folder / "fumehood-run").mkdir()
        (folder / "fumehood-run" / "plan.json").write_text(token)
        shared = Path("/dev/shm", found.posix)
        shared.write_text(token)
        stack.callback(shared.unlink)
        for number, remove in _ipc(found.key):
            stack.callback(remove, number, 0, _REMOVE, 0)
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            ear = stack.enter_context(socket.socket(socket.AF_UNIX, kind))
            ear.bind("\0" + found.abstract)
            if kind == socket.SOCK_STREAM:
                ear.listen()
            found.ears.append(ear)
        yield found


def _ipc(key: int) -> list[tuple[int, Any]]:
    """A segment, a semaphore and a queue of System V, each with what removes it."""
    segment, semaphore, queue = (
        _LIBC.shmget(key, 4096, _CREATE | 0o666), _LIBC.semget(key, 1, _CREATE | 0o666), _LIBC.msgget(key, _CREATE | 0o666),
    )  # fmt: skip
    assert min(segment, semaphore, queue) >= 0, ctypes.get_errno()
    return [
        (segment, lambda number, *_: _LIBC.shmctl(number, _REMOVE, None)),
        (semaphore, lambda number, *_: _LIBC.semctl(number, 0, _REMOVE)),
        (queue, lambda number, *_: _LIBC.msgctl(number, _REMOVE, None)),
    ]


def burglar(folder: Path, outside: dict[str, Any]) -> Path:
    """The wheel: the modules, and the helper, which a compiler of the host makes and the sandbox alone runs."""
    helper = folder / "helper"
    subprocess.run(["gcc", "-static", "-O1", "-o", str(helper), str(FOLDER / "helper.c")], check=True)
    texts = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py")}
    numbers = call_numbers(platform.machine())
    for name, value in (("OUTSIDE", outside), ("NUMBERS", numbers)):
        assert texts["tools"].count(f"\n{name} = {{}}\n") == 1
        texts["tools"] = texts["tools"].replace(f"\n{name} = {{}}\n", f"\n{name} = {value!r}\n")
    modules: dict[str, str | bytes] = {f"burglar/{name}.py": text for name, text in texts.items()}
    modules |= {"burglar/__init__.py": "", "burglar/helper": helper.read_bytes()}
    return make_wheel(folder, "burglar", modules=modules)


@dataclass
class Attempts:
    """What the package says came of each, by module; what the report says; what the import left."""

    sandbox: str
    tracer: str
    facts: dict[str, dict[str, Any]]
    report: Report
    output: str


def attempts(sandbox: str, tracer: str, wheel: Path, cache_directory: Path) -> Attempts:
    """One run."""
    kept: dict[str, str] = {}

    def keep(analysis: Analysis) -> None:
        (path,) = (analysis.record.folder / "steps").glob("*-import.out")
        kept["output"] = path.read_text(errors="replace")

    cache = Cache(cache_directory)
    options = Options(sandbox=sandbox, tracer=tracer, manner=Manner(callables=False))
    report = analyze(str(wheel), options, cache, SimpleIndex(cache), lambda stage: None, keep)
    facts: dict[str, dict[str, Any]] = {}
    for line in kept["output"].splitlines():
        if line.startswith("FACTS"):
            facts |= json.loads(line.removeprefix("FACTS"))
    return Attempts(sandbox, tracer, facts, report, kept["output"])
