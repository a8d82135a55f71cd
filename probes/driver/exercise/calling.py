"""Calls what the package's modules define, one after the other, each in a frame in which it may do what it likes."""

from __future__ import annotations

import sys
from contextlib import suppress
from os import chdir as _chdir
from os import getcwdb as _getcwd

from exercise.aims import Aims
from exercise.arguments import Maker
from exercise.importing import import_one
from exercise.instances import Instances, try_out
from exercise.kept import keep
from exercise.members import Member, members
from exercise.parameters import required
from exercise.progress import Progress, describe
from exercise.results import Results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

keep(globals())

_flush = sys.stdout.flush if sys.stdout is not None else int
_LOST = "its constructor did not return"


class Orders:
    """What is to be called: the modules in order, how many callables they have, and which were reached by interpreters before.

    `first` is what the run is directed at, by module (`exercise.aims`). `passed` are the subjects that began or were left out, `lost`
    those that began and never ended. `own` are all modules of the package; `folders` hold files for arguments; `seconds` bounds a
    coroutine.
    """

    def __init__(self, orders: dict[str, Any]) -> None:
        self.modules: list[str] = orders["call"]
        self.first: dict[str, list[list[Any]]] = orders.get("first", {})
        self.found: int = orders["found"]
        self.passed = frozenset(orders["passed"])
        self.lost = frozenset(orders["lost"])
        self.own = frozenset(orders["own"])
        self.folders: list[str] = orders["folders"]
        self.seconds: float = orders["seconds"]


class Calling:
    """Carries out orders."""

    def __init__(self, orders: Orders, progress: Progress) -> None:
        self._orders = orders
        self._progress = progress
        self._results = Results(orders.seconds)
        self._instances = Instances(orders.own)
        self._maker = Maker(orders.folders, self._instances.argument, self._instances.called)
        self._instances.maker = self._maker

    def run(self) -> None:
        """Calls everything that is left."""
        self._progress.found(self._orders.found)
        self._enter()
        for name in self._orders.modules:
            self._progress.begin(name)
            module, error = import_one(name)
            if error:  # a package that raises lets its modules be imported later: when all were imported, it was tried before them
                module, error = import_one(name)
            found = [] if error else members(name, module, Aims(self._orders.first.get(name, [])))
            self._progress.end(name, error)
            self._prepare(found)
            for member in found:
                if member.subject not in self._orders.passed:
                    self._maker.turn += 1
                    self._member(member)
                    self._stay()

    def _enter(self) -> None:
        """Goes where calls may do to the working folder what they like: nobody's installation is there."""
        for folder in self._orders.folders:
            with suppress(BaseException):  # of a signal's handler, or where a call removed it
                _chdir(folder)
                return

    def _stay(self) -> None:
        """Goes to another folder where a call removed the one that it was made in."""
        try:
            _getcwd()  # noqa: PTH109 pathlib is the package's to break
        except BaseException:  # noqa: BLE001 as above
            self._enter()

    def _prepare(self, found: list[Member]) -> None:
        self._instances.know()
        for member in found:
            if member.kind == "class" and member.subject in self._orders.lost:
                self._instances.give_up(member.value, _LOST)

    def _member(self, member: Member) -> None:
        """One callable; a method only where there is an instance for it."""
        if member.kind == "method" and member.owner is not None:
            if not self._instances.is_tried(member.owner):  # by this interpreter, since an earlier one ended
                self._call(member.owner_subject, lambda: self._instances.construct(member.owner))
            if self._instances.get(member.owner) is None:
                self._progress.skip(
                    member.subject, f"no instance of its class: {self._instances.why_none(member.owner)}"
                )
                return
        self._call(member.subject, lambda: self._one(member))

    def _call(self, subject: str, call: Callable[[], Any]) -> None:
        """Says what is called, and calls it."""
        error = ""
        self._progress.begin(subject)
        try:
            self._results.take(call())
        except BaseException as raised:  # noqa: BLE001 whatever a call raises, exits included, costs only itself
            error = describe(raised)
        with suppress(BaseException):  # the package may have closed it
            _flush()
        self._progress.end(subject, error)

    def _one(self, member: Member) -> Any:
        """Calls a member: a method bound to an instance, past the instance's own ways to look it up."""
        if member.kind == "class":
            return self._instances.construct(member.value)
        if member.kind == "function":
            call = function = member.value
        else:
            instance = self._instances.get(member.owner) if member.kind == "method" else None
            call = member.value.__get__(instance, member.owner)
            function = member.value if member.kind == "method" else getattr(member.value, "__func__", member.value)
        parameters = required(function, bound=member.kind in {"method", "classmethod"})
        if parameters is None:
            return try_out(call)
        plain, named = self._maker.arguments(parameters)
        return call(*plain, **named)
