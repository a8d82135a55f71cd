"""Reports what this interpreter does, and which line of code does it, to the sandbox's events pipe. For Python 3.9 on.

`prepare.py` appends this text, behind that of `watched.py`, to the standard library's `encodings/__init__.py`, which
every interpreter imports before any site, `.pth` or package code, with -I, -S and -E too. It runs inside the package's
process, so all that it says is hearsay: it adds *who* to what the kernel shows, and is the only witness for what no
system call shows, such as the time. It must never change what the package sees: what fails in here fails silently, no
method of the package's objects is called, and nothing is looked up where the package can change it. The supervisor
tells a silent probe from an absent one by the first line that each interpreter sends.

Lines (format 1; JSON, ASCII, at most 4,000 bytes, so that writes to the pipe are atomic), here in three:
{"t": time, "p": pid, "n": number, "e": event, "a": [arguments as text],
 "f": file, "l": line, "m": module,
 "s": [[file, line]…]}
`f`, `l` and `m` are the nearest frame that is not the standard library's; `s` the next ones like it, outwards. The
first line of an interpreter has the event "start" and its argv as arguments; that of a forked process, which comes with
its first report, "fork".

What is told, and through which files of the standard library, is in `watched.py`. Some audit events are told each time.
All else is told once for a place in the code and the same arguments, at most 100 times for a place, and, but for
sockets, only where code that is not the standard library's asked for it itself: directly, or through the files that are
named for it, so never for an import. Events that are neither the name of an audit event nor of one function:
"time.*", "datetime.*": the clocks that tell the present;
"socket.*" of functions in C: whoever asked, without arguments;
"import": of a module that encrypts, when it is first imported;
"compile": of a source text, with its start and its file name;
"bytes.fromhex", "zlib.*", "bz2.*", "lzma.*", "re.compile": also of the other classes and functions that do the same work;
"hashlib.new": whatever makes a hash, with the algorithm where it is known;
"random.random": any source of random numbers;
"os.stat": also `lstat`, `access`, and what asks for them, such as `os.path.exists`; with the path;
"zipfile.extract", "tarfile.extract": also `extractall`;
"environ.get": with the name of the variable that `os.environ` is asked for;
"environ.iterate": where `os.environ` is asked for all, which is then not told for each.

Calls are seen where Python code makes them, by `sys.monitoring` (3.12 and later), or by `sys.setprofile`, which each
thread has to call for itself. Not seen: what C code calls (`map(time.time, …)`); hashes that are classes (BLAKE2); from
3.12 on, a function in C called where something else was called first; before, what a bare `_thread` calls without any
audit event, the arguments of functions in C (so no "os.stat" of one called directly), `os.environb`, and `platform.node`
and `uuid.getnode` once their answer is kept.
"""

import posix as _posix
import sys as _sys
import time as _time
from _thread import get_ident as _get_ident
from _thread import start_new_thread as _start_new_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

    from interpreter.watched import (
        _ALL_CLOCKS,
        _ASKED,
        _BY_WAY_OF,
        _C_FUNCTIONS,
        _CIPHERS,
        _CLOCKS_BY_ID,
        _CLOCKS_OF_NONE,
        _ENVIRONMENT,
        _HINTING,
        _HINTS,
        _INTERESTING,
        _LIBRARY,
        _PYTHON_FUNCTIONS,
        _QUIET,
        _REAL_TIMES,
        _SOCKETS,
        _THEIRS,
        _WATCHED,
    )

_PIPE = "/run/session/events"
_HIGH = 899
"""A descriptor number that is in nobody's way: closing 3 to 9 is a habit of scripts, and so is expecting them free."""
_MAX_LINE, _MAX_TEXT, _MAX_SITES, _MAX_AT_PLACE, _MAX_CONNECTIONS = 4000, 300, 10_000, 100, 16
_GREETING = "encodings.greeting"

_SYSTEM = _sys.__dict__
_BUILTIN, _METHOD = type(_SYSTEM["exit"]), type(str.join)
_BUILTIN_METHOD = type.__subclasses__(_BUILTIN)[0]
"""Of a method in C that is told its class."""
_NAME_OF, _MODULE_OF, _BASES_OF, _DICT_OF = (
    type.__dict__[name].__get__ for name in ("__name__", "__module__", "__mro__", "__dict__")
)
_SLOT, _LOCALS = type(type.__dict__["__basicsize__"]), type((lambda: _sys._getframe().f_locals)())
_BEFORE_3_10 = _sys.version_info < (3, 10)
_PROFILES = not hasattr(_sys, "monitoring")
_MISSING, _DISABLE = (None, None) if _PROFILES else (_SYSTEM["monitoring"].MISSING, _SYSTEM["monitoring"].DISABLE)
_UNKNOWN = object()
_CALL_FUNCTION_EX = 142
"""The instruction's number in Python 3.9 to 3.11."""
_get = dict.get
_PROFILED = _INTERESTING | _HINTS | {"start_new_thread"}
_now, _getframe, _getprofile, _setprofile = _time.time, _sys._getframe, _sys.getprofile, _sys.setprofile
_open, _close, _write, _dup2, _fstat = _posix.open, _posix.close, _posix.write, _posix.dup2, _posix.fstat
_getpid, _set_blocking, _sysconf = _posix.getpid, _posix.set_blocking, _posix.sysconf
_WRITE = _posix.O_WRONLY | _posix.O_NONBLOCK | _posix.O_CLOEXEC
"""Without O_NONBLOCK, opening a pipe that nobody reads would never end."""

_state = {"number": 0, "pid": 0, "pipe": -1, "device": 0, "inode": 0, "connections": 0}
_busy = set[int]()
_silenced = set[int]()
_sites = set[tuple[str, str, int, int, int]]()
_places = dict[tuple[str, str, int, int], int]()
_copying = set[tuple[int, int]]()


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
    if _is_a(kind, "PurePath", "pathlib") or _is_a(kind, "PurePath", "pathlib._local"):
        return _path(value, kind)
    return "<" + _names(kind)[0][:_MAX_TEXT] + ">"


def _path(value: "Any", kind: type) -> str:
    """The text of an object of pathlib's, from the slots in which its versions keep it."""
    for name in ("_str", "_raw_paths", "_parts"):
        slots = [one for base in _BASES_OF(kind) if type(one := _DICT_OF(base).get(name)) is _SLOT]
        try:
            held = slots[0].__get__(value) if slots else None
        except AttributeError as error:  # not set yet
            if not _is_ours(error):
                raise
            continue
        if type(held) is str:
            return held[:_MAX_TEXT]
        if type(held) is list and held:
            parts = [one for one in held[:_MAX_TEXT] if type(one) is str]
            roots = [place for place, one in enumerate(parts) if one.startswith("/")]
            return "/".join(parts[max(roots, default=0) :]).replace("//", "/", 1)[:_MAX_TEXT]
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


def _file(frame: "FrameType") -> str:
    return str.__str__(frame.f_code.co_filename)


def _asker(frame: "FrameType | None", through: "frozenset[str]", names: "frozenset[str] | None") -> "FrameType | None":
    """The nearest frame that is not the standard library's, if on the way to it are only these files and functions."""
    for _ in range(50):
        if frame is None:
            break
        file = _file(frame)
        if not _is_library(file):
            return frame
        if file not in through or (names is not None and str.__str__(frame.f_code.co_name) not in names):
            break
        frame = frame.f_back
    return None


def _local(frame: "FrameType", name: str) -> object:
    """A local variable of one of the standard library's functions."""
    found = frame.f_locals
    return _LOCALS.get(found, name, _UNKNOWN) if type(found) is _LOCALS else _UNKNOWN


def _callers(frame: "FrameType | None") -> "list[tuple[str, int, str]]":
    """File, line and module of the nearest frames that are not the standard library's."""
    found = list[tuple[str, int, str]]()
    depth = 0
    while frame is not None and depth < 200 and len(found) < 6:
        file = _file(frame)
        if not _is_library(file):
            module = dict.get(frame.f_globals, "__name__")
            found.append((file, frame.f_lineno or 0, "" if module is None else _plain(module)))
        frame = frame.f_back
        depth += 1
    return found


def _tell(event: str, arguments: "tuple[object, ...]", asker: "FrameType | None") -> None:
    """Tells what a frame asks for: once for a place in the code and the same arguments, and not without end."""
    file, line = (_file(asker), asker.f_lineno or 0) if asker is not None else ("", 0)
    place = (event, file, line, _getpid())
    texts = tuple([_text(one) for one in arguments[:6]])
    site = (*place, hash(texts))
    if site in _sites or len(_sites) >= _MAX_SITES or _places.get(place, 0) >= _MAX_AT_PLACE:
        return
    _sites.add(site)
    _places[place] = _places.get(place, 0) + 1
    _send(event, texts, _callers(asker))


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
        if event == "object.__getattr__":
            return  # before Python 3.12, each look at a frame's code
        if event in _WATCHED or (event == "open" and _is_notable(arguments)):
            _send(event, arguments, _callers(_getframe(1)))
        elif event in _ASKED:
            asker = _asker(_getframe(1), _ASKED[event], None)
            if asker is not None and arguments and not (event == "compile" and arguments[0] is None):
                _tell(event, arguments[1:] if event == "socket.__new__" else arguments, asker)
        elif event == "import" and arguments and type(arguments[0]) is str and arguments[0] in _CIPHERS:
            _tell(event, arguments[:1], _nearest(_getframe(1)))
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


def _called(frame: "FrameType", function: "Any", owner: "Any", first: object) -> object:
    """A call, by a frame, of a C function with an interesting name; `first` is its argument after `owner`.

    Gives `_DISABLE` for a place in the standard library of which nothing is ever told.
    """
    name: str = function.__name__
    if name in _SOCKETS:
        if _is_a(type(owner), "socket", "_socket"):
            _tell("socket." + name.lstrip("_"), (), _nearest(frame))
        return None
    file = _file(frame)
    if file.startswith("<frozen importlib"):
        return _DISABLE
    if name in _ALL_CLOCKS:
        if _is_library(file):
            return _DISABLE
        if owner is _time and _tells_now(frame, name, first):
            _tell("time." + name, (), frame)
        elif issubclass(type(owner), type) and _is_a(owner, "date", "datetime"):
            _tell("datetime." + name, (), frame)
        return None
    event, through = _watched_as(function, name, owner)
    if not event:
        return None
    asker = _asker(frame, through, _BY_WAY_OF.get(event))
    if asker is None:
        return None if file in through else _DISABLE
    arguments = _given(event, frame, name, first)
    if arguments is not None:
        _tell(event, arguments, asker)
    return None


def _nearest(frame: "FrameType | None") -> "FrameType | None":
    """The nearest frame that is not the standard library's."""
    for _ in range(200):
        if frame is None or not _is_library(_file(frame)):
            return frame
        frame = frame.f_back
    return None


def _watched_as(function: "Any", name: str, owner: "Any") -> "tuple[str, frozenset[str]]":
    """Which event a C function's call is, by the module or the class that it belongs to, and where it may come through."""
    owners = _C_FUNCTIONS.get(name, {})
    module = function.__module__ if type(function) is _BUILTIN else None
    if type(module) is str:
        return owners.get(module, ("", frozenset()))
    for base in _BASES_OF(owner if issubclass(type(owner), type) else type(owner)):
        own_name, module = _names(base)
        found = owners.get(module + "." + own_name)
        if found:
            return found
    return "", frozenset()


def _given(event: str, frame: "FrameType", name: str, first: object) -> "tuple[object, ...] | None":
    """The arguments that are told of a call. None where it is of no use without the one that cannot be seen."""
    known = () if first is _UNKNOWN or first is _MISSING else (first,)
    if event == "hashlib.new":
        if name == "new":
            return known or _of_caller(frame, "name")
        if name.startswith("hmac"):
            named = _of_caller(frame, "digestmod" if name == "hmac_new" else "digest")
            return named if named and type(named[0]) is str else ()
        return (name.removeprefix("openssl_"),)
    if event == "os.stat":
        return known or _of_caller(frame, None) or None
    if event == "signal.signal":
        return known or _of_caller(frame, "signalnum")
    return known if event == "builtins.__import__" else ()


def _of_caller(frame: "FrameType", name: "str | None") -> "tuple[object, ...]":
    """What a function of the standard library has in a variable, or as its first argument."""
    if not _is_library(_file(frame)):
        return ()
    if name is None:
        name = frame.f_code.co_varnames[0] if frame.f_code.co_argcount else ""
    value = _local(frame, name)
    return () if value is _UNKNOWN else (value,)


def _entered(frame: "FrameType") -> None:
    """The start of a Python function with an interesting name."""
    found = _PYTHON_FUNCTIONS[frame.f_code.co_name].get(_file(frame))
    if found is None:
        return
    event, through, argument = found
    asker = _asker(frame.f_back, through, _BY_WAY_OF.get(event))
    if asker is not None and (through is not _ENVIRONMENT or _is_asked(event, frame)):
        _tell(event, (_local(frame, argument),) if argument else (), asker)


def _is_asked(event: str, frame: "FrameType") -> bool:
    """Whether a function of `os.environ` is asked for a variable, or for all: then not for each of them too."""
    caller = frame.f_back
    if caller is None or not _is_a(type(_local(frame, "self")), "_Environ", "os"):
        return False
    if event == "environ.get":
        return (id(caller.f_code), caller.f_lasti) not in _copying
    while caller is not None and str.__str__(caller.f_code.co_name) == "__iter__" and _file(caller) in _ENVIRONMENT:
        caller = caller.f_back  # a view, which asks in its own name (see `_BY_WAY_OF`)
    if caller is not None and len(_copying) < _MAX_SITES:
        _copying.add((id(caller.f_code), caller.f_lasti))
    return True


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
    if event != "c_call":
        return
    try:
        kind = type(function)
        if (kind is not _BUILTIN and kind is not _BUILTIN_METHOD) or function.__name__ not in _PROFILED:
            return
        name: str = function.__name__
        if name in _HINTS:
            module = _get(frame.f_globals, "__name__")
            if type(module) is str and module in _HINTING:
                _hinted(frame)
        if name in _INTERESTING:
            _called(frame, function, function.__self__, _UNKNOWN)
        elif function is _start_new_thread:
            _follow(frame)
    except Exception as error:
        if not _is_ours(error):
            raise


def _hinted(frame: "FrameType | None") -> None:
    """Looks for the start of a Python function outwards of where a function in C is called.

    A look at every start would cost several times as much. A frame's code is looked at last, since that is an audit event.
    """
    for _ in range(8):
        module = _get(frame.f_globals, "__name__") if frame is not None else None
        if frame is None or type(module) is not str or module not in _HINTING:
            return
        name = frame.f_code.co_name
        if type(name) is str and name in _PYTHON_FUNCTIONS:
            _entered(frame)
        frame = frame.f_back


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
    if kind is not _BUILTIN and kind is not _METHOD and kind is not _BUILTIN_METHOD:
        return _DISABLE
    if function.__name__ not in _INTERESTING:
        return _DISABLE
    try:
        return _called(_getframe(1), function, first if kind is _METHOD else function.__self__, first)
    except Exception as error:
        if not _is_ours(error):
            raise
    return None


def _started(code: "CodeType", _offset: int) -> object:
    """The other one: the start of any Python function. One of no interest is not seen again."""
    name = code.co_name
    if type(name) is not str or str.__str__(code.co_filename) not in _PYTHON_FUNCTIONS.get(name, ()):
        return _DISABLE
    try:
        _entered(_getframe(1))
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
        monitoring.register_callback(4, monitoring.events.PY_START, _started)
        monitoring.set_events(4, monitoring.events.CALL | monitoring.events.PY_START)
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
