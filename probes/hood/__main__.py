"""`python3 -m hood PLAN`: the whole run of one package, from inside the sandbox. Progress goes to stdout as one word a line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from hood import processes, record, room, trust
from hood.clock import Clock
from hood.control import Control
from hood.home import furnish
from hood.internet import Internet
from hood.launcher import launcher
from hood.link import Link
from hood.owner import end_with_owner
from hood.phases import Phases
from hood.plan import FORMAT, Plan, read
from hood.step import EVENTS_FIFO, StepRunner

_RUN_FOLDER = Path("/run/session")


def main() -> None:
    """Runs the plan. An exception is a failure of ours: it goes to stderr, and the record stays without its end."""
    # The package may send this signal in the moment in which the supervisor is its user (`hood.walls.User.end`). A handler,
    # because an ignored signal would stay ignored in the package's processes.
    signal.signal(signal.SIGINT, _ignore)
    _heed_signals()
    processes.adopt_orphans()
    plan = read(Path(sys.argv[1]))
    if plan.owned:
        end_with_owner()
    probes = Path(__file__).resolve().parent.parent
    control = Control(Path(plan.control)) if plan.control is not None else None  # before any right is given up
    link = Link(Path(plan.session["folder"])) if plan.session else None  # as well
    _make_fifo(plan)
    internet = _start_internet(plan, probes) if plan.internet else None
    if plan.drop_to is not None:
        _drop_privileges(plan.drop_to)
    # Before the home, since an interpreter's probe waits for the pipe's reader.
    runner = StepRunner(plan, launcher(plan, control, _RUN_FOLDER), _RUN_FOLDER, _clock(plan))
    furnish(plan)
    runner.check()
    phases = Phases(plan, runner, _tell, link)
    phases.run()
    reasons = phases.reasons
    if internet is not None:
        _tell("network")
        reasons += internet.stop()
    record.write(plan.record / "end.json", {"format": FORMAT, "reasons": reasons})


def _clock(plan: Plan) -> Clock | None:
    """The clock that the package's processes share, if it runs ahead."""
    return Clock(plan.uid) if plan.fast_clock else None


def _heed_signals() -> None:
    """What was ignored where the analyzer was started (`nohup`, background jobs of scripts) is not in the package's processes.

    The interpreter ignores two by itself, and restores them for each program that it starts.
    """
    for number in signal.valid_signals() - {signal.SIGPIPE, signal.SIGXFSZ}:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def _ignore(number: int, frame: FrameType | None) -> None:
    """A handler that does nothing."""
    del number, frame


def _tell(stage: str) -> None:
    print(stage, flush=True)  # noqa: T201 progress for the host, a word a line


def _make_fifo(plan: Plan) -> None:
    """The pipe of the interpreter probes: the package's user may write to it, not read, replace or remove it."""
    _RUN_FOLDER.mkdir(parents=True, exist_ok=True)
    path = _RUN_FOLDER / EVENTS_FIFO
    os.mkfifo(path)
    path.chmod(0o622)  # the umask does not apply to chmod
    if plan.drop_to is not None:
        os.chown(path, plan.drop_to, plan.drop_to)


def _start_internet(plan: Plan, probes: Path) -> Internet:
    """The internet of a sandbox that is one process tree, and the certificates that trust it."""
    if plan.drop_to is not None:
        # The outer /proc is partly covered, and the kernel lets a nested namespace mount its own only beside a whole one.
        subprocess.run(["mount", "-t", "proc", "proc", "/proc"], check=True)
        own = (plan.record, *(plan.record / name for name in ("internet", "steps", "trees")))
        for path in (Path(plan.home), *own, _RUN_FOLDER):
            os.chown(path, plan.drop_to, plan.drop_to)
    room.limit_files(plan)
    # A server of the package must be able to take its port again in a later phase.
    Path("/proc/sys/net/ipv4/tcp_max_tw_buckets").write_text("0")
    internet = Internet(plan.record / "internet", probes, plan.drop_to)
    internet.start()
    trusted = trust.authority(plan.record / "internet")
    if trusted is None:
        raise OSError("the simulated internet left no authority (see the messages above)")
    trust.furnish(_RUN_FOLDER, trusted)
    return internet


def _drop_privileges(uid: int) -> None:
    """From here on nothing in the sandbox is root. Changing all three ids clears every capability."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


if __name__ == "__main__":
    main()
