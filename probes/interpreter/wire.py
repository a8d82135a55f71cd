"""The lines, and the pipe that they go through. A part of `probe.py`.

Lines (format 1; JSON, ASCII, at most 4,000 bytes, so that writes to the pipe are atomic), here in three:
{"t": time, "p": pid, "n": number, "i": microseconds since the epoch, "e": event, "a": [arguments as text],
 "f": file, "l": line, "m": module,
 "s": [[file, line]…]}
`i` is when this interpreter, or the forked process, began to report; `n` numbers its lines from 1. `f`, `l` and `m` are the nearest frame
that is not the standard library's; `s` the next ones like it, outwards. Signs are lines that are about the probe itself:
"start": the first line of an interpreter, with its argv as arguments; of a forked process, "fork", with its first report;
"beat": it is alive, said when the driver asks for it (with its number), or after a second without a line, and what its look at itself
found: nothing where all is well;
"reached": of the places that the run is directed at, the number of one and how near this came to it ("module", "function" or "line"), of
"module" also the function that it is in, and that one's first and last line; with the file, "setup.py" where the text of one is run;
"end": the interpreter ends in order, with what a last look found.
"""

import posix as _posix
import time as _time
from _thread import allocate_lock as _allocate_lock
from _thread import get_ident as _get_ident
from _thread import get_native_id as _get_native_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from interpreter.frames import _callers, _file
    from interpreter.profiling import _resume_here
    from interpreter.text import _BEFORE_3_10, _MAX_TEXT, _quote, _text
    from interpreter.watched import _ACTS

_PIPE = "/run/session/events"
_HIGH = 899
"""A descriptor number that is in nobody's way: closing 3 to 9 is a habit of scripts, and so is expecting them free."""
_MAX_LINE, _MAX_SITES, _MAX_AT_PLACE, _MAX_CONNECTIONS = 4000, 10_000, 100, 16
_LOCK_SECONDS = 1.0
"""How long to wait for another thread's line. One that died in the middle of it, as the interpreter ended, never gives the lock back."""

_now, _monotonic, _clock_gettime_ns = _time.time_ns, _time.monotonic, _time.clock_gettime_ns
_REAL_CLOCK = 0x46480000
"""What asks for the real time where the package's clock runs ahead (`probes/clock/read.c`); no clock has this number elsewhere."""
_open, _close, _write, _dup2, _fstat = _posix.open, _posix.close, _posix.write, _posix.dup2, _posix.fstat
_getpid, _set_blocking, _sysconf = _posix.getpid, _posix.set_blocking, _posix.sysconf
_WRITE = _posix.O_WRONLY | _posix.O_NONBLOCK | _posix.O_CLOEXEC
"""Without O_NONBLOCK, opening a pipe that nobody reads would never end."""

_ASIDE = frozenset({"beat", "reached"})
"""What says nothing of what its thread asks for."""

_state = {"pid": 0, "since": 0, "pipe": -1, "device": 0, "inode": 0, "connections": 0}
_spoken = {"last": 0.0}
_locks = [_allocate_lock()]
_numbers = [iter(())]  # type: list[Iterator[int]]
_busy = set[int]()
_sites = set[tuple[str, str, int, int, int]]()
_places = dict[tuple[str, str, int, int], int]()
_last = dict[int, tuple[str, str, int, int, int]]()
"""What each thread told last, by its number in the kernel, where that was an act."""


def _real_now() -> int:
    return _clock_gettime_ns(_REAL_CLOCK)


try:
    _real_now()
except OSError:
    pass
else:
    _now = _real_now


def _tell(event: str, arguments: "tuple[object, ...]", asker: "FrameType | None") -> None:
    """Tells what a frame asks for: once for a place in the code and the same arguments, and not without end.

    An act is told again where its thread told something else since, so that the last one told is the last one done.
    """
    file, line = (_file(asker), asker.f_lineno or 0) if asker is not None else ("", 0)
    place = (event, file, line, _getpid())
    texts = tuple([_text(one) for one in arguments[:6]])
    site = (*place, hash(texts))
    is_act = event in _ACTS
    if site in _sites and not (is_act and _last.get(_get_native_id()) != site):
        return
    if len(_sites) >= _MAX_SITES or _places.get(place, 0) >= _MAX_AT_PLACE:
        return
    _sites.add(site)
    _places[place] = _places.get(place, 0) + 1
    _send(event, texts, _callers(asker))
    if is_act and len(_last) < _MAX_SITES:
        _last[_get_native_id()] = site


def _send(event: str, arguments: "tuple[object, ...]", callers: "list[tuple[str, int, str]]") -> None:
    """Sends a line, unless this thread is in the middle of sending one."""
    me = _get_ident()
    if me in _busy:
        return
    try:
        _busy.add(me)
        if _getpid() != _state["pid"]:
            _begin_numbers(me)
            _put("start", ["fork"], [])
        if event not in _ASIDE:
            _last.pop(_get_native_id(), None)
        _put(event, [_text(one) for one in arguments[:6]], callers)
    finally:
        _busy.discard(me)
    _resume_here(me)  # where code of the package's is at work, the profile function has to be too


def _counting() -> "Iterator[int]":
    """Numbers from 1, each given once, whichever threads ask at the same time."""
    return iter(range(1, 1 << 62))


def _begin_numbers(me: int) -> None:
    """Makes this process one of its own; after a fork, the other threads are not in it, and may have held the lock."""
    _state["pid"], _state["since"] = _getpid(), _now() // 1000
    _numbers[0] = _counting()
    _busy.intersection_update({me})
    _locks[0] = _allocate_lock()


def _put(event: str, arguments: "list[str]", callers: "list[tuple[str, int, str]]") -> None:
    file, line, module = callers[0] if callers else ("", 0, "")
    stack = ",".join([f"[{_quote(place[:200], 900)},{number}]" for place, number, _ in callers[1:]])
    for most, most_of_file, outer in ((_MAX_LINE, _MAX_LINE, stack), (200, 1500, "")):
        some = ",".join([_quote(one, most) for one in arguments])
        where = f'"f":{_quote(file[:_MAX_TEXT], most_of_file)},"l":{line},"m":{_quote(module, most)}'
        message = f'"i":{_state["since"]},"e":"{event}","a":[{some}],{where},"s":[{outer}]}}\n'
        if len(message) <= _MAX_LINE - 100:
            break
    lock = _locks[0]
    locked = lock.acquire(True, _LOCK_SECONDS)
    try:
        if _identity(_state["pipe"]) != (_state["device"], _state["inode"]):
            _connect()  # a program may have closed the pipe, and its number may be a file of its own by now
        _spoken["last"] = _monotonic()
        # No number with a point is formatted here: what does that is gone when the interpreter ends. A line that gets its
        # number and then cannot be sent is missed.
        now = f"{_now() // 1000:07}"
        head = f'{{"t":{now[:-6]}.{now[-6:]},"p":{_state["pid"]},"n":{next(_numbers[0])},'
        _write(_state["pipe"], (head + message).encode("ascii"))
    finally:
        if locked:
            lock.release()


def _identity(descriptor: int) -> "tuple[int, int] | None":
    """Device and inode of an open file; None for a number that is not open."""
    try:
        status = _fstat(descriptor)
    except OSError as error:
        if _is_ours(error):
            return None
        raise
    return status.st_dev, status.st_ino


def _connect() -> None:
    if _state["connections"] >= _MAX_CONNECTIONS:
        raise OSError
    _state["connections"] += 1
    pipe = _open(_PIPE, _WRITE)
    highest = min(_HIGH, _sysconf("SC_OPEN_MAX") - 1)
    try:
        high = _dup2(pipe, next(one for one in range(highest, 2, -1) if _identity(one) is None), False)
    finally:
        _close(pipe)
    _set_blocking(high, True)
    _state["pipe"], (_state["device"], _state["inode"]) = high, _identity(high) or (0, 0)


def _is_ours(error: Exception) -> bool:
    """Whether an exception is from in here, not from a signal handler of the package, which may run at any time.

    Python 3.9 aborts when a recursion error is caught and the recursion goes on, so there the package gets it.
    """
    if _BEFORE_3_10 and type(error) is RecursionError:
        return False
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is None or trace.tb_frame.f_code.co_filename == __file__
