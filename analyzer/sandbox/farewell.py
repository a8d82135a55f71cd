"""The last thing that a process of ours does when it was told to end: removing whatever it still owns.

Each thing has an owner in the code who removes it. A signal may come while just that is done, or between the making of a thing and the
block that removes it; the names of all things tell whose they are (`analyzer.tokens`), so that they are found.
"""

from __future__ import annotations

from analyzer import kept, tokens
from analyzer.errors import SandboxError
from analyzer.sandbox import cgroup
from analyzer.sandbox.leftovers import sweep_folders

_engines: list[str] = []
"""Addresses of Docker engines that this process has used."""


def note_engine(address: str) -> None:
    """Says that containers may be made there."""
    if address not in _engines:
        _engines.append(address)


def remove_own() -> str:
    """Removes everything that this process owns; gives in one line what may be left, or nothing."""
    tokens.abandon()
    kept.discard_unfinished()
    cgroup.sweep()
    problem = ""
    if _engines:
        # The client takes long to load, which an interrupted start has not done.
        from analyzer.sandbox.docker import engine

        try:
            engine.sweep_again()
        except SandboxError as error:
            problem = f"containers may be left, which the next analysis removes: {error}"
    sweep_folders()
    return problem
