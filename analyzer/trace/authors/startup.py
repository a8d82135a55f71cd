"""What every program or Python interpreter does by itself, whatever code it then runs.

The dynamic loader asks for `/etc/ld.so.preload` first of all (ld.so(8)). With a process's first thread, the C library
handles the signals that it keeps for itself and lets no program set (nptl(7)). CPython sets SIGPIPE and SIGXFSZ to be ignored
and then handles SIGINT before it imports `site`, so before any code of a package can run (`Python/pylifecycle.c`,
`Modules/signalmodule.c`), and sets handled signals back to the default as the last thing that it does.

Where the package's clock runs ahead, the loader loads the library that does it, which then opens the clock (`probes/clock`).

libffi, through which ctypes gives Python functions to C, maps a page for the first of them, once in a process. Before that it looks for PaX
in the process's status and for SELinux among the mounts (`src/closures.c`: `emutramp_enabled_check`, `selinux_enabled_check`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from analyzer.model.event import (
    Detail,
    FileOpen,
    FileQuery,
    FileRead,
    MemoryProtect,
    ProcessExec,
    ProcessExit,
    ProcessHandler,
)
from analyzer.trace.calls.kernel import Act
from analyzer.trace.calls.processes import Process

_PRELOAD = "/etc/ld.so.preload"
_CLOCK = frozenset({_PRELOAD, "/srv/clock.so", "/run/clock/now"})
_BEGINNING = (("SIGPIPE", "ignore"), ("SIGXFSZ", "ignore"), ("SIGINT", "handle"))
_RESERVED = frozenset({"SIGRTMIN", "SIGRT_1"})
"""Signals 32 and 33 as strace names them."""
_TELLING = 2
"""How many of these, in this order and first of all, make it CPython's beginning; SIGINT may have been ignored before."""

_CLOSURE_FILES = ("/proc/self/status", "/proc/mounts")
_CLOSURE_BYTES = 4096
_CLOSURE_ACTS = 3
_ALL_RIGHTS = {"PROT_READ", "PROT_WRITE", "PROT_EXEC"}
_READ_ONLY = ("O_RDONLY",)
"""As C programs open a file. Python's own `open` always adds O_CLOEXEC (PEP 446)."""


@dataclass(slots=True)
class _Image:
    """A program since it was started: whether it asked for the preload list, what of a clock was loaded, and its first handlers."""

    asked: bool = False
    loaded: set[tuple[str, str]] = field(default_factory=set)
    settled: bool = False
    begun: list[int] = field(default_factory=list)


def own_work(acts: Sequence[Act]) -> set[int]:
    """The places in the list of the acts that are the loader's or the interpreter's own."""
    found = set(_endings(acts))
    work = OwnWork()
    for place, act in enumerate(acts):
        found.update(work.take(place, act))
    return found


class OwnWork:
    """Finds all of these acts but the last ones of a process, among acts that come one after the other, each with its place."""

    def __init__(self) -> None:
        self._images: dict[Process, _Image] = {}
        self._closures = _Closures()

    def take(self, place: int, act: Act) -> Iterable[int]:
        """The places, of this act or of earlier ones, that turn out to be such acts."""
        return (*self._closures.take(place, act), *self._beginning(place, act))

    @property
    def undecided(self) -> Iterable[int]:
        """The places of acts that are such ones if what comes next fits them."""
        return self._closures.undecided

    def is_undecided(self, place: int, act: Act) -> bool:
        """Whether the act that came last, at this place, is one of these."""
        return self._closures.last(act) == place

    def _beginning(self, place: int, act: Act) -> Iterable[int]:
        detail = act.detail
        if isinstance(detail, ProcessHandler) and detail.signal in _RESERVED:
            return (place,)
        if isinstance(detail, ProcessExec) and not detail.error:
            self._images[act.process] = _Image()
        elif (image := self._images.get(act.process)) is None:
            return ()
        elif _is_loading(image, detail):
            return (place,)
        elif isinstance(detail, ProcessHandler) and not image.settled:
            _begin(image, detail, place)
            if len(image.begun) >= _TELLING:
                return image.begun
        return ()


def _is_loading(image: _Image, detail: Detail) -> bool:
    """Whether a program's loader asks for its list, or loads its clock: once, and before anything of the program runs."""
    if isinstance(detail, FileQuery):
        first, image.asked = not image.asked, True
        return first and detail.path == _PRELOAD
    if not isinstance(detail, FileOpen | FileRead):
        return False
    act = detail.kind, detail.path
    if detail.path not in _CLOCK or act in image.loaded or (isinstance(detail, FileOpen) and detail.error):
        return False
    image.loaded.add(act)
    return True


def _begin(image: _Image, detail: ProcessHandler, place: int) -> None:
    """Takes a program's next handler as one of the beginning, or the beginning as over."""
    if (detail.signal, detail.action) == _BEGINNING[len(image.begun)]:
        image.begun.append(place)
        image.settled = len(image.begun) == len(_BEGINNING)
    else:
        image.settled = True


def _endings(acts: Sequence[Act]) -> Iterable[int]:
    """Signals set back to the default after which a process did nothing but end."""
    busy: set[Process] = set()
    for place in range(len(acts) - 1, -1, -1):
        act = acts[place]
        if isinstance(act.detail, ProcessExit) or act.process in busy:
            continue
        if isinstance(act.detail, ProcessHandler) and act.detail.action == "default":
            yield place
        else:
            busy.add(act.process)


class _Closures:
    """What libffi does before the first function that C may call, and what the thread that does it reads meanwhile."""

    def __init__(self) -> None:
        self._begun: dict[tuple[Process, int], list[int]] = {}
        self._steps: dict[tuple[Process, int], int] = {}
        self._over: set[Process] = set()

    @property
    def undecided(self) -> Iterable[int]:
        """The places of what may be such a beginning."""
        return chain.from_iterable(self._begun.values())

    def last(self, act: Act) -> int | None:
        """The last place of such a beginning by an act's thread."""
        begun = self._begun.get((act.process, act.thread))
        return begun[-1] if begun else None

    def take(self, place: int, act: Act) -> Iterable[int]:
        """The places of all that belongs to it, once it is over."""
        key = act.process, act.thread
        done = self._steps.get(key, 0)
        if _is_closures(act.detail, done) and act.process not in self._over:
            self._steps[key] = done + 1
            self._begun.setdefault(key, []).append(place)
            if done + 1 == _CLOSURE_ACTS:
                self._over.add(act.process)
                del self._steps[key]
                return self._begun.pop(key)
        elif done and isinstance(act.detail, FileRead | FileQuery):
            self._begun[key].append(place)
        elif done:
            del self._steps[key], self._begun[key]
        return ()


def _is_closures(detail: Detail, number: int) -> bool:
    """Whether this is libffi's next act, by how many it has done."""
    if isinstance(detail, FileOpen):
        return number < len(_CLOSURE_FILES) and detail.path == _CLOSURE_FILES[number] and detail.flags == _READ_ONLY
    if not isinstance(detail, MemoryProtect) or number < len(_CLOSURE_FILES):
        return False
    return detail.size == _CLOSURE_BYTES and set(detail.protection) == _ALL_RIGHTS
