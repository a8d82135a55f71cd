"""What the run is directed at in a module comes first, and counts although it is private."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from exercise.aims import Aims
from exercise.members import members

SOURCE = """\
import functools
def first(): pass
def second():
    def inner():
        return 5
    return inner
def _private():
    return 8
class Plain:
    def get(self): pass
class Client:
    def __init__(self):
        self.x = 13
    def get(self): pass
    def _hidden(self):
        return 16
    @staticmethod
    def _still():
        return 19
    def __reduce__(self):
        return str, ()
class _Secret:
    def get(self):
        return 24
@functools.lru_cache
def cached():
    return 27
"""


class Trap:
    """Tells if anybody asks it for anything."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def subjects(*places: list[Any]) -> list[str]:
    module = ModuleType("sample")
    exec(compile(SOURCE, "sample.py", "exec"), vars(module))
    vars(module)["trap"] = Trap()
    return [one.subject.partition(":")[2] for one in members("sample", module, Aims(list(places)))]


PUBLIC = ["first", "second", "Plain", "Plain.get", "Client", "Client.get", "cached"]


def test_without_places() -> None:
    assert subjects() == PUBLIC


@pytest.mark.parametrize(
    ("place", "first"),
    [
        ([3, 3, ""], ["second"]),
        ([5, 5, ""], ["second"]),
        ([0, 0, "second.<locals>.inner"], ["second"]),
        ([8, 8, ""], ["_private"]),
        ([0, 0, "_private"], ["_private"]),
        ([13, 13, ""], ["Client"]),
        ([14, 14, ""], ["Client", "Client.get"]),
        ([16, 16, ""], ["Client", "Client._hidden"]),
        ([19, 19, ""], ["Client", "Client._still"]),
        ([21, 21, ""], ["Client", "Client.__reduce__"]),
        ([0, 0, "Client._hidden"], ["Client", "Client._hidden"]),
        ([24, 24, ""], ["_Secret", "_Secret.get"]),
        ([27, 27, ""], ["cached"]),
        ([1, 1, ""], []),
        ([99, 99, ""], []),
    ],
)
def test_a_place_comes_first(place: list[Any], first: list[str]) -> None:
    found = subjects(place)
    assert found[: len(first)] == first
    assert [name for name in found if name not in first] == [name for name in PUBLIC if name not in first]
