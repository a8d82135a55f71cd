"""A command of the package: what it is, its streams, and what is known of it until all that it started has ended."""

from __future__ import annotations

import os
import resource
import select
import subprocess
from dataclasses import dataclass
from typing import Protocol

from hood import processes
from hood.plan import Plan


@dataclass(frozen=True, slots=True)
class Job:
    """A command to start: its words, the stem of its files in the record, and whether it may run code of the package.

    `terminal` is its size in rows and columns, where whoever starts the command is to give it a terminal.
    """

    argv: list[str]
    stem: str
    running_package_code: bool
    terminal: tuple[int, int] | None = None


@dataclass(slots=True)
class Streams:
    """The streams of one command: the ends that the supervisor reads, and those that the command gets.

    `progress` is the number by which the command knows the stream of its driver, 0 where it has none.
    """

    output: int
    driver: int
    progress: int
    given: list[int]

    def started(self) -> None:
        """Closes the command's ends here."""
        for descriptor in self.given:
            os.close(descriptor)
        self.given = []


@dataclass(frozen=True, slots=True)
class Left:
    """What is known when all has ended: the exit code as subprocess has it, seconds and bytes as `StepResult` has them.

    `reason` is why the tracer's log is not whole, where it is known not to be.
    """

    exit_code: int
    cpu_seconds: float
    memory_bytes: int
    reason: str = ""


class Command(Protocol):
    """A started command with all that it started."""

    descriptors: list[int]
    """One of them can be read when something about it has changed."""

    def main_ended(self) -> bool:
        """Whether the command itself has ended."""

    def ended(self) -> bool:
        """Whether everything has ended."""

    def end(self) -> None:
        """Ends every process of it; `ended` tells when that is done."""

    def give_up(self) -> None:
        """Ends the tracer too, which did not end with what it traced."""

    def leave(self) -> Left:
        """Takes leave, after everything was ended in any case."""


class Launcher(Protocol):
    """Starts commands."""

    log_suffix: str
    """Of the tracer's log of a command in the record."""

    empty_log_bytes: int
    """The size of such a log in which nothing is recorded."""

    def streams(self, stdin: bytes | None) -> Streams:
        """New streams for one command; with something to read, it also gets a stream for its driver."""

    def start(self, job: Job, streams: Streams) -> Command:
        """Starts a command, whose log begins with it."""


class Usage:
    """What children of this process use from here on, and the orphans among them."""

    def __init__(self) -> None:
        self._before, self._known = processes.used_by_children(), processes.children()

    def orphans(self) -> int:
        """Waits for the children that came as orphans; gives the peak of the largest one in bytes."""
        return processes.take_leave_of_orphans(self._known)

    def seconds(self, own: float) -> float:
        """Seconds of processor time, without those of our own."""
        return max(processes.used_by_children() - self._before - own, 0.0)


def limited(plan: Plan) -> list[str]:
    """The words before a command that give it its limits.

    A core of one byte: with none, a handler of crashes on the host would still be started (core(5), "Piping core dumps to a program").
    Whoever started the analyzer may have forbidden even that.
    """
    limits = plan.limits
    core = 0 if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0 else 1
    return ["prlimit", f"--fsize={limits.file_bytes}", f"--core={core}", f"--cpu={limits.cpu_seconds}", "--nofile=4096"]


def pipes(stdin: bytes | None) -> Streams:
    """Anonymous pipes; `given` are the command's standard input, its output, and its driver's stream."""
    # A file, because a pipe's writer would have to wait for a package that never reads; and none on a disk, because
    # the package may have filled that.
    source = os.memfd_create("input")
    with open(os.dup(source), "wb") as file:
        file.write(stdin or b"")
    os.lseek(source, 0, os.SEEK_SET)
    output, output_write = os.pipe()
    driver, driver_write = os.pipe()
    if stdin is not None:
        return Streams(output, driver, driver_write, [source, output_write, driver_write])
    os.close(driver_write)
    return Streams(output, driver, 0, [source, output_write])


def start_process(plan: Plan, words: list[str], streams: Streams, inherited: list[int]) -> subprocess.Popen[bytes]:
    """Starts a limited command with the streams of `pipes`, which are then closed here."""
    source, output, *driver = streams.given
    process = subprocess.Popen(
        [*limited(plan), *words],
        stdin=source,
        stdout=output,
        stderr=output,
        pass_fds=[*driver, *inherited],
        cwd="/",
        env={"PATH": os.environ["PATH"]},  # all that the launcher's own processes show of theirs
        start_new_session=True,
    )
    streams.started()
    return process


def ready(descriptor: int) -> bool:
    """Whether a descriptor can be read now."""
    return bool(select.select([descriptor], [], [], 0)[0])


def wait(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    """The exit code, and the peak of the largest process that it waited for, in bytes.

    Nothing else may wait for it, nor call what does, such as `Popen.kill` for one that has just ended.
    """
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss * 1024
