"""Reports what this interpreter does, and which line of code does it, to the sandbox's events pipe. For Python 3.9 on.

`prepare.py` appends this text to the standard library's `encodings/__init__.py`, which every interpreter imports before
any site, `.pth` or package code, with -I, -S and -E too. It runs inside the package's process, so all that it says is
hearsay: it adds *who* to what the kernel shows, and is the only witness for what no system call shows, such as the
time. It must never change what the package sees: what fails in here fails silently, no method of the package's objects
is called, and nothing is looked up where the package can change it. The supervisor tells a silent probe from an absent
one by the first line that each interpreter sends.

Lines (format 1; JSON, ASCII, at most 4,000 bytes, so that writes to the pipe are atomic), here in three:
{"t": time, "p": pid, "n": number, "e": event, "a": [arguments as text],
 "f": file, "l": line, "m": module,
 "s": [[file, line]…]}
`f`, `l` and `m` are the nearest frame that is not the standard library's; `s` the next ones like it, outwards. The
first line of an interpreter has the event "start" and its argv as arguments; that of a forked process, which comes with
its first report, "fork".

Calls are seen where Python code makes them, by `sys.monitoring` (3.12 and later), or by `sys.setprofile`, which each
thread has to call for itself. Not seen: a clock that C code calls (`map(time.time, …)`); from 3.12 on, a clock called
where something else was called first; before, a clock in a bare `_thread` without any audit event.
"""

_THEIRS = frozenset(globals())

TYPE_CHECKING = False  # type checkers take it for the one of typing, which cannot be imported yet
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

import posix as _posix  # noqa: E402 what comes before is no import, so that it may tell whose each name is
import sys as _sys  # noqa: E402
import time as _time  # noqa: E402
from _thread import get_ident as _get_ident  # noqa: E402
from _thread import start_new_thread as _start_new_thread  # noqa: E402

_PIPE = "/run/session/events"
_HIGH = 899
"""A descriptor number that is in nobody's way: closing 3 to 9 is a habit of scripts, and so is expecting them free."""
_MAX_LINE, _MAX_TEXT, _MAX_SITES, _MAX_CONNECTIONS = 4000, 300, 10_000, 16
_GREETING = "encodings.greeting"

_LIBRARY = __file__.rpartition("/encodings/")[0] + "/"
_SYSTEM = _sys.__dict__
_BUILTIN, _METHOD = type(_SYSTEM["exit"]), type(str.join)
_NAME_OF, _MODULE_OF, _BASES_OF = (type.__dict__[name].__get__ for name in ("__name__", "__module__", "__mro__"))
_BEFORE_3_10 = _sys.version_info < (3, 10)
_PROFILES = not hasattr(_sys, "monitoring")
_MISSING, _DISABLE = (None, None) if _PROFILES else (_SYSTEM["monitoring"].MISSING, _SYSTEM["monitoring"].DISABLE)
_UNKNOWN = object()
_CALL_FUNCTION_EX = 142
"""The instruction's number in Python 3.9 to 3.11."""
_now, _getframe, _getprofile, _setprofile = _time.time, _sys._getframe, _sys.getprofile, _sys.setprofile
_open, _close, _write, _dup2, _fstat = _posix.open, _posix.close, _posix.write, _posix.dup2, _posix.fstat
_getpid, _set_blocking, _sysconf = _posix.getpid, _posix.set_blocking, _posix.sysconf
_WRITE = _posix.O_WRONLY | _posix.O_NONBLOCK | _posix.O_CLOEXEC
"""Without O_NONBLOCK, opening a pipe that nobody reads would never end."""

_state = {"number": 0, "pid": 0, "pipe": -1, "device": 0, "inode": 0, "connections": 0}
_busy = set[int]()
_silenced = set[int]()
_sites = set[tuple[str, str, int, int]]()

_WATCHED = frozenset({
    "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "os.link", "os.chmod", "os.chown", "os.truncate",
    "os.utime", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.kill", "os.chdir", "os.putenv",
    "os.unsetenv", "subprocess.Popen", "pty.spawn", "webbrowser.open", "socket.connect", "socket.bind", "socket.sendto",
    "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.gethostname",
    "ctypes.dlopen", "http.client.connect", "urllib.Request", "smtplib.connect", "ftplib.connect", "sqlite3.connect",
    "shutil.copyfile", "shutil.copymode", "shutil.move", "shutil.rmtree", "shutil.make_archive",
    "shutil.unpack_archive", "tempfile.mkstemp", "tempfile.mkdtemp", "resource.setrlimit", "signal.pthread_kill",
    "sys.addaudithook", "sys.settrace", "fcntl.flock",
})  # fmt: skip
_QUIET = (".py", ".pyc", ".so", "pyvenv.cfg", ".pth")
_CLOCKS = frozenset({"time", "time_ns", "now", "utcnow", "today", "strftime"})
_CLOCKS_OF_NONE = frozenset({"localtime", "gmtime", "ctime", "asctime"})
_CLOCKS_BY_ID = frozenset({"clock_gettime", "clock_gettime_ns"})
_REAL_TIMES = frozenset({0, 5, 8, 11})
"""CLOCK_REALTIME, its COARSE and ALARM forms, and CLOCK_TAI (linux/time.h)."""
_SOCKETS = frozenset({"listen", "_accept", "send", "sendall", "recv", "recv_into", "connect", "connect_ex"})
_INTERESTING = _CLOCKS | _CLOCKS_OF_NONE | _CLOCKS_BY_ID | _SOCKETS


def _text(value: "Any") -> str:
    """A value as text, without a call of its own methods; of a list, the items' texts."""
    for kind in (list, tuple):
        if issubclass(type(value), kind):
            return " ".join([_plain(one) for one in kind.__getitem__(value, slice(20))])[:_MAX_TEXT]
    return _plain(value)


def _plain(value: "Any") -> str:
    kind = type(value)
    if issubclass(kind, str):
        return str.__str__(str.__getitem__(value, slice(_MAX_TEXT)))
    if issubclass(kind, bytes):
        start: bytes = bytes.__getitem__(value, slice(_MAX_TEXT * 4))
        return start.decode("utf-8", "replace")[:_MAX_TEXT]
    if issubclass(kind, int) and int.bit_length(value) <= 64:
        return int.__repr__(value)
    return "<" + _names(kind)[0][:_MAX_TEXT] + ">"


def _names(kind: type) -> "tuple[str, str]":
    """A class's own name and module, past its metaclass."""
    module = _MODULE_OF(kind)
    return str.__str__(_NAME_OF(kind)), module if type(module) is str else ""


def _quote(text: str, most: int) -> str:
    """A JSON string of at most `most` bytes between the quotes; what is longer is cut."""
    if len(text) <= most and text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return '"' + text + '"'
    pieces = []
    for character in text:
        code = ord(character)
        if character in '"\\':
            piece = "\\" + character
        elif 32 <= code < 127:
            piece = character
        elif code < 0x10000:
            piece = f"\\u{code:04x}"
        else:
            code -= 0x10000
            piece = f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
        most -= len(piece)
        if most < 0:
            break
        pieces.append(piece)
    return '"' + "".join(pieces) + '"'


def _is_library(file: str) -> bool:
    if file.startswith(_LIBRARY):
        return "/site-packages/" not in file and "/dist-packages/" not in file
    return file.startswith("<frozen")


def _callers(frame: "FrameType | None") -> "list[tuple[str, int, str]]":
    """File, line and module of the nearest frames that are not the standard library's."""
    found = list[tuple[str, int, str]]()
    depth = 0
    while frame is not None and depth < 200 and len(found) < 6:
        file = str.__str__(frame.f_code.co_filename)
        if not _is_library(file):
            module = dict.get(frame.f_globals, "__name__")
            found.append((file, frame.f_lineno or 0, "" if module is None else _plain(module)))
        frame = frame.f_back
        depth += 1
    return found


def _send(event: str, arguments: "tuple[object, ...]", callers: "list[tuple[str, int, str]]") -> None:
    """Sends a line, unless this thread is in the middle of sending one."""
    me = _get_ident()
    if me in _busy:
        return
    try:
        _busy.add(me)
        if _getpid() != _state["pid"]:
            _state["pid"] = _getpid()
            _busy.intersection_update({me})  # the other threads are not in this process
            _put("start", ["fork"], [])
        _put(event, [_text(one) for one in arguments[:6]], callers)
    finally:
        _busy.discard(me)


def _put(event: str, arguments: "list[str]", callers: "list[tuple[str, int, str]]") -> None:
    _state["number"] += 1
    file, line, module = callers[0] if callers else ("", 0, "")
    head = f'{{"t":{_now():.6f},"p":{_state["pid"]},"n":{_state["number"]},"e":"{event}","a":['
    stack = ",".join([f"[{_quote(place[:200], 900)},{number}]" for place, number, _ in callers[1:]])
    for most, most_of_file, outer in ((_MAX_LINE, _MAX_LINE, stack), (200, 1500, "")):
        some = ",".join([_quote(one, most) for one in arguments])
        where = f'"f":{_quote(file[:_MAX_TEXT], most_of_file)},"l":{line},"m":{_quote(module, most)}'
        message = f'{head}{some}],{where},"s":[{outer}]}}\n'
        if len(message) <= _MAX_LINE:
            break
    if _identity(_state["pipe"]) != (_state["device"], _state["inode"]):
        _connect()  # a program may have closed the pipe, and its number may be a file of its own by now
    _write(_state["pipe"], message.encode("ascii"))


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


def _hook(event: str, arguments: "tuple[object, ...]") -> None:
    """The audit hook."""
    try:
        if event in _WATCHED or (event == "open" and _is_notable(arguments)):
            _send(event, arguments, _callers(_getframe(1)))
        elif event == "sys.setprofile":
            frame = _getframe(1)
            if frame.f_code.co_filename != __file__:
                _silenced.add(_get_ident())
                _send(event, arguments, _callers(frame))
            return
        elif event == _GREETING and arguments and type(arguments[0]) is list:
            arguments[0].append(True)
        if _PROFILES and _getprofile() is None and _get_ident() not in _silenced:
            _profile_here()  # a bare thread, or one where it met the recursion limit, after which Python drops it
    except Exception as error:
        if not _is_ours(error):
            raise


def _is_notable(arguments: "tuple[object, ...]") -> bool:
    """Whether an `open` is told: not of a descriptor, of the standard library, or of a module that is only read."""
    path, _, flags = arguments
    if not issubclass(type(path), (str, bytes)):
        return False
    text = _plain(path)
    writes = type(flags) is int and flags & 3
    return not text.startswith(_LIBRARY) and bool(writes or not text.endswith(_QUIET))


def _called(frame: "FrameType", name: str, owner: "Any", first: object) -> None:
    """A call, by a frame, of a C function with an interesting name; `first` is its argument after `owner`."""
    if name in _SOCKETS:
        if not _is_a(type(owner), "socket", "_socket"):
            return
        event = "socket." + name.lstrip("_")
    elif _is_library(str.__str__(frame.f_code.co_filename)):
        return
    elif owner is _time:
        if not _tells_now(frame, name, first):
            return
        event = "time." + name
    elif issubclass(type(owner), type) and _is_a(owner, "date", "datetime"):
        event = "datetime." + name
    else:
        return
    callers = _callers(frame)
    file, line, _ = callers[0] if callers else ("", 0, "")
    site = (event, file, line, _getpid())
    if site not in _sites and len(_sites) < _MAX_SITES:
        _sites.add(site)
        _send(event, (), callers)


def _is_a(kind: type, name: str, module: str) -> bool:
    return (name, module) in [_names(base) for base in _BASES_OF(kind)]


def _tells_now(frame: "FrameType", name: str, first: object) -> bool:
    """Whether a function of `time` is asked for the present, by what it is given. Where that is unknown: no."""
    instruction, operand = frame.f_code.co_code[frame.f_lasti : frame.f_lasti + 2]
    if name == "strftime":
        return operand == 1  # the format, but no time
    if name in _CLOCKS_BY_ID:
        if first is _UNKNOWN:
            return "CLOCK_REALTIME" in frame.f_code.co_names
        return type(first) is int and first in _REAL_TIMES
    if name in _CLOCKS_OF_NONE:
        if first is _UNKNOWN:
            return operand == 0 and instruction != _CALL_FUNCTION_EX
        return first is _MISSING or first is None
    return True


def _profile(frame: "FrameType", event: str, function: "Any") -> None:
    """The profile function, before Python 3.12."""
    if event != "c_call" or type(function) is not _BUILTIN:
        return
    try:
        if function is _start_new_thread:
            _follow(frame)
        elif function.__name__ in _INTERESTING:
            _called(frame, function.__name__, function.__self__, _UNKNOWN)
    except Exception as error:
        if not _is_ours(error):
            raise


def _follow(frame: "FrameType") -> None:
    """Makes the thread that `threading.Thread.start` is about to start profile itself, before it runs code of others.

    `threading.setprofile` would do it too, but could not try again: a RuntimeError would end the thread.
    """
    if frame.f_code.co_filename == _LIBRARY + "threading.py" and frame.f_code.co_name == "start":
        thread: Any = frame.f_locals.get("self")
        own = object.__getattribute__(thread, "__dict__")

        def set_ident() -> None:
            del own["_set_ident"]
            _profile_here()
            thread._set_ident()

        own["_set_ident"] = set_ident


def _profile_here() -> None:
    """Sets this thread's profile function, unless it is at that already: the audit events of doing so come to the hook."""
    me = _get_ident()
    if me in _busy:
        return
    try:
        _busy.add(me)
        for _ in range(1000):
            try:
                _setprofile(_profile)
            except RuntimeError as error:  # another thread is at it, since audit hooks let others run
                if _is_ours(error):
                    continue
                raise
            return
    finally:
        _busy.discard(me)


def _monitored(_code: "CodeType", _offset: int, function: "Any", first: object) -> object:
    """The monitoring callback, from Python 3.12 on: a call of anything. A place of no interest is not seen again."""
    kind = type(function)
    if (kind is not _BUILTIN and kind is not _METHOD) or function.__name__ not in _INTERESTING:
        return _DISABLE
    try:
        _called(_getframe(1), function.__name__, first if kind is _METHOD else function.__self__, first)
    except Exception as error:
        if not _is_ours(error):
            raise
    return None


def _observe() -> None:
    """Connects and starts, but only once in an interpreter: the module may be loaded again."""
    answers = list[bool]()
    _sys.audit(_GREETING, answers)
    if answers:
        return
    # The name does not exist. Its failing lookup puts this process's own number beside the tracer's into the log.
    try:
        _open(f"/run/session/events/{_getpid()}", _WRITE)
    except OSError:
        _connect()
    _state["pid"] = _getpid()
    _send("start", tuple(_SYSTEM.get("orig_argv") or _SYSTEM.get("argv") or ()), [])
    if _PROFILES:
        _profile_here()
    else:
        # 4 is none of the numbers that debuggers, profilers and coverage tools take.
        monitoring = _SYSTEM["monitoring"]
        monitoring.use_tool_id(4, "calls")
        monitoring.register_callback(4, monitoring.events.CALL, _monitored)
        monitoring.set_events(4, monitoring.events.CALL)
    _sys.addaudithook(_hook)


def _begin() -> None:
    """Moves all of this out of the module, into a namespace with builtins of its own, and starts it there."""
    import builtins

    shared, function = globals(), type(_begin)
    own: dict[str, Any] = {"__builtins__": dict(vars(builtins)), "__name__": __name__, "__file__": __file__}
    for name in set(shared) - _THEIRS:
        value = shared.pop(name)
        own[name] = function(value.__code__, own, name) if type(value) is function else value
    try:
        own["_observe"]()
    except Exception:  # noqa: BLE001 an interpreter without the pipe has to start like any other
        return


_begin()
