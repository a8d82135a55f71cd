"""Reports what this interpreter does, and which line of code does it, to the sandbox's events pipe. For Python 3.9 on.

`prepare.py` appends this text, behind those of `watched.py` and the parts (`analyzer.sandbox.interpreter.PROBE_PARTS`), to the standard
library's `encodings/__init__.py`, which every interpreter imports before any site, `.pth` or package code, with -I, -S and -E too; a
subinterpreter as well. It runs inside the package's process, so all that it says is hearsay: it adds *who* to what the kernel shows, and is
the only witness for what no system call shows, such as the time. It must never change what the package sees: what fails in here fails
silently, no method of the package's objects is called, and nothing is looked up where the package can change it. The analyzer tells a
silenced probe by its signs (see `wire.py`), which it holds against what the kernel saw (`analyzer.trace.authors.silence`).

What is told, and through which files of the standard library, is in `watched.py`. Some audit events are told each time.
All else is told once for a place in the code and the same arguments, at most 100 times for a place, and, but for
sockets, only where code that is not the standard library's asked for it itself: directly, or through the files that are
named for it, so never for an import. Events that are neither the name of an audit event nor of one function:
"time.*", "datetime.*": the clocks that tell the present;
"socket.*" of functions in C: whoever asked, without arguments;
"time.sleep", "ssl.*", "sqlite3.execute", "os.pipe" and others that a system call follows at once: whoever asked;
"import": of a module that encrypts, when it is first imported;
"import.native": of a module in C that is not the standard library's, with its file, before it is loaded;
"compile": of a source text, with its start and its file name;
"bytes.fromhex", "zlib.*", "bz2.*", "lzma.*", "zstd.*", "re.compile": also of the other classes and functions that do the same work;
"hashlib.new": whatever makes a hash, with the algorithm where it is known;
"random.random": any source of random numbers;
"os.stat": also `lstat`, `access`, and what asks for them, such as `os.path.exists`; with the path;
"zipfile.extract", "tarfile.extract": also `extractall`;
"environ.get": with the name of the variable that `os.environ` is asked for;
"environ.iterate": where `os.environ` is asked for all, which is then not told for each;
"object.__setattr__": of the probe's own functions alone, with the name of one and of what is changed;
"sys.monitoring.set_events" and its like: of the probe's own tool alone.

Calls are seen where Python code makes them, by `sys.monitoring` (3.12 and later), or by `sys.setprofile`, which each
thread has to call for itself. Not seen: what C code calls (`map(time.time, …)`); hashes that are classes (BLAKE2); from
3.12 on, a function in C called where something else was called first; before, what a bare `_thread` calls without any
audit event, what the standard library's modules call as they are imported and what its finders call (`profiling.py`), the arguments of
functions in C (so no "os.stat" of one called directly), `os.environb`, and `platform.node` and `uuid.getnode` once their answer is kept.
"""

import sys as _sys
from _thread import get_ident as _get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from interpreter.checks import _BEAT, _FINALIZING, _beat, _ended, _reassigned, _remember
    from interpreter.hook import _GREETING, _answers, _asked, _greeted, _hook, _imported, _opened, _watched
    from interpreter.monitoring import _attach
    from interpreter.places import _DIRECTIONS, _read_aims
    from interpreter.profiling import (
        _PROFILES,
        _executed,
        _finders,
        _finding,
        _hooked,
        _loaded,
        _profile,
        _replaced,
        _set_profile,
    )
    from interpreter.reaching import _aims, _begun, _tracing
    from interpreter.text import _SYSTEM
    from interpreter.watched import _ASKED, _THEIRS, _WATCHED
    from interpreter.wire import _WRITE, _begin_numbers, _connect, _getpid, _open, _send


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
    _begin_numbers(_get_ident())
    _send("start", tuple(_SYSTEM.get("orig_argv") or _SYSTEM.get("argv") or ()), [])
    _aims.update(_read_aims(_DIRECTIONS))
    _prepare_answers()
    _remember()
    if _PROFILES:
        _finders.extend(_finding())
        _set_profile(_profile)
    else:
        _attach()
    _sys.addaudithook(_hook)


def _prepare_answers() -> None:
    _answers.update(dict.fromkeys(_WATCHED, _watched))
    _answers.update(dict.fromkeys(_ASKED, _asked))
    _answers.update({
        "open": _opened,
        "import": _imported,
        "object.__setattr__": _reassigned,
        _GREETING: _greeted,
        _BEAT: _beat,
        _FINALIZING: _ended,
    })  # fmt: skip
    if _PROFILES:
        _answers.update({"exec": _executed, "sys.setprofile": _replaced, "sys.addaudithook": _hooked})
        _answers["marshal.loads"] = _loaded
    else:
        _answers["sys.setprofile"] = _watched
    if _aims:
        _answers["exec"] = _begun
        if _PROFILES:
            _answers["sys.settrace"] = _tracing


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
