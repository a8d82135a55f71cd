"""What is missing of one command's logs, in words for the report."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.trace.calls.kernelacts import MAX_OF_A_KIND, KernelTrace


def missing(kernel: KernelTrace, unit: str, stem: str, broken: int, limit: int) -> Iterator[tuple[int, str]]:
    """How many things are lost, and why that is told.

    Args:
        kernel: what the log of system calls came to.
        unit: what that log's numbers count.
        stem: the command's name in the record.
        broken: lines of the interpreter probe that could not be read.
        limit: how many processes the command could have; 0 where that is not known.
    """
    if kernel.unreadable:
        yield kernel.unreadable, f"{kernel.unreadable} {unit} of the system call log could not be read"
    if kernel.dropped:
        yield kernel.dropped, f"{kernel.dropped} records of the kernel tracer were lost"
    if kernel.refused:
        processes = f"{limit} processes" if limit else "processes"
        yield 0, f"the limit of {processes} was reached, and more were refused"
    for what, count in kernel.exhausted.items():
        yield 0, f"{count} calls failed because a limit was reached: {what}"
    if kernel.beyond:
        yield (
            kernel.beyond,
            f"{kernel.beyond} events of {stem} were left out, each one of more than {MAX_OF_A_KIND} of its kind",
        )
    if not kernel.processes:
        yield 0, f"the system call log of {stem} does not show the command"
    if kernel.orphans:
        yield 0, f"{kernel.orphans} processes ran whose start is not in the system call log"
    if kernel.unfollowed:
        yield (
            0,
            f"{kernel.unfollowed} processes were made so that no tracer is told of them (CLONE_UNTRACED): strace could not follow them",
        )
    if broken:
        yield broken, f"{broken} lines of the interpreter probe could not be read"
