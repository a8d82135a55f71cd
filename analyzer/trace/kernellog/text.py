"""Items of the binary log as lines of text in strace's form, for whoever wants to see what stands behind an event.

Bytes of the package are escaped as strace escapes them, so that a line is printable ASCII whatever a file is called.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from analyzer.trace.kernellog.items import Changed, ClockRead, KernelItem, Lost, Submission, TcpState
from analyzer.trace.kernellog.joining import join
from analyzer.trace.kernellog.records import ENTER, EXEC, EXIT, TASK_EXIT, Record, split
from analyzer.trace.logs.births import Born
from analyzer.trace.logs.literals import Quoted, Struct, Value
from analyzer.trace.logs.strace import Ended, Foreign, Syscall, Unreadable

_MAX_TEXT: Final = 4096
_PRINTABLE: Final = range(0x20, 0x7F)
_ESCAPES: Final = [chr(byte) if byte in _PRINTABLE else f"\\{byte:03o}" for byte in range(256)]
for _character, _letter in zip('\t\n\v\f\r"\\', 'tnvfr"\\', strict=True):
    _ESCAPES[ord(_character)] = f"\\{_letter}"

_ADDRESS: Final = 2**31
"""A result from here on is a place in memory, which is told in hexadecimal."""


def lines(blocks: Iterable[bytes], numbers: Collection[int]) -> dict[int, str]:
    """The records of these numbers (from 1) as text, a call under that of its beginning; each text is bounded."""
    wanted = frozenset(numbers)
    found: dict[int, str] = {}
    for item in join(_about(split(blocks), wanted)):
        told = text(item) if item.line in wanted else ""
        if told:
            found[item.line] = (f"{found[item.line]} {told}" if item.line in found else told)[:_MAX_TEXT]
    return found


def _about(records: Iterable[Record], wanted: frozenset[int]) -> Iterator[Record]:
    """The records that the wanted ones need to be understood: the rest of a call, and how threads ended."""
    threads: set[int] = set()
    last = max(wanted, default=0)
    for record in records:
        if record.line > last and not threads:
            return
        own = record.line in wanted
        if own or record.tid in threads or record.kind == TASK_EXIT or (record.kind == EXEC and threads):
            yield record
        if (own and record.kind == ENTER) or (record.kind == EXEC and threads):
            threads.add(record.tid)  # of a process, the first thread goes on with a call that another one began
        elif record.kind in {EXIT, TASK_EXIT}:
            threads.discard(record.tid)


def text(item: KernelItem) -> str:
    """One line without an end; empty for what only counts records."""
    if isinstance(item, Changed):
        return f"<{item.call} asked for {_quoted(item.asked)}, found {_quoted(item.found)}>"
    if isinstance(item, Foreign):
        return f"<{item.abi}>"
    if isinstance(item, Unreadable | Lost | Born):
        return ""
    return f"{item.pid} {item.time:.6f} {_told(item)}"


def _told(item: Syscall | Ended | TcpState | ClockRead | Submission) -> str:
    if isinstance(item, Syscall):
        return _call(item)
    if isinstance(item, Ended):
        return f"+++ killed by {item.signal} +++" if item.signal else f"+++ exited with {item.status} +++"
    if isinstance(item, TcpState):
        own, peer = f"{item.local_address} port {item.local_port}", f"{item.address} port {item.port}"
        return f"<{item.family} TCP {item.old} to {item.new}, {own}, peer {peer}>"
    if isinstance(item, ClockRead):
        return f"<{item.clock} was read>"
    return f"<{item.operation} was submitted to io_uring>"


def _call(call: Syscall) -> str:
    if call.result is None:
        result = f"? {call.error}".rstrip()
    else:
        number = hex(call.result) if call.result >= _ADDRESS else str(call.result)
        result = f"{number} {call.error}".rstrip()
    if call.tracer_result is not None:
        result += f" /* {call.tracer_result} outside */"
    took = f" <{call.duration:.6f}>" if call.duration is not None else ""
    return f"{call.name}({', '.join(map(value, call.arguments))}) = {result}{took}"


def value(one: Value) -> str:
    """An argument as strace prints it."""
    if isinstance(one, Quoted):
        return '"' + "".join(map(_ESCAPES.__getitem__, one.data)) + ('"...' if one.cut else '"')
    if isinstance(one, Struct):
        return "{" + ", ".join(_field(name, content) for name, content in one.fields) + "}"
    return f"[{', '.join(map(value, one))}]" if isinstance(one, tuple) else one


def _field(name: str, content: Value) -> str:
    if name == "inet_pton":
        return f"inet_pton(AF_INET6, {value(content)}, &sin6_addr)"
    return f"sin_addr=inet_addr({value(content)})" if name == "sin_addr" else f"{name}={value(content)}"


def _quoted(what: str) -> str:
    return value(Quoted(what.encode("utf-8", "surrogateescape"), cut=False))
