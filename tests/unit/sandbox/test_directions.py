"""The places that the probe is told, written into its overlay."""

from __future__ import annotations

import marshal
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interpreter.places import _read_aims

from analyzer.errors import SandboxError
from analyzer.model.direction import Place
from analyzer.sandbox.directions import MAX_PLACES, directed, numbers
from analyzer.sandbox.interpreter import probe_source

SOURCE = probe_source().encode()
SMALL = next(line for line in SOURCE.splitlines() if line.startswith(b"_DIRECTIONS"))
"""The line that is written over."""
NAMES = st.text(alphabet=st.sampled_from(string.ascii_letters + "_./\\\t\n\"'é日\udc80"), max_size=40)
PLACES = st.builds(Place, NAMES, st.integers(-1, 10**9), st.integers(-1, 10**9), NAMES, NAMES)


def compiled(source: bytes) -> bytes:
    return b"magic and flags!" + marshal.dumps(compile(source, "encodings", "exec"))


def constant(code: bytes) -> bytes:
    return max((one for one in marshal.loads(code[16:]).co_consts if type(one) is bytes), key=len)


def test_without_places_it_is_as_it_was() -> None:
    assert directed(SOURCE, ()) is SOURCE


def test_source_and_compiled_form_have_the_same_places() -> None:
    places = [Place("a/pkg/mod.py", 3, 5), Place("setup.py", 1), Place("", module="pkg.mod", function="Client.get")]
    code = directed(compiled(SOURCE), places)
    assert constant(compiled(directed(SOURCE, places))) == constant(code)
    assert _read_aims(constant(code)) == {
        "mod.py": [("0", "pkg", 3, 5, ""), ("2", "pkg", 0, 0, "Client.get")],
        "setup.py": [("1", "", 1, 1, "")],
        "__init__.py": [("2", "mod", 0, 0, "Client.get")],
    }


def test_the_probe_reads_no_places_where_there_are_none() -> None:
    assert _read_aims(constant(compiled(SOURCE))) == {}


def test_an_overlay_without_room() -> None:
    with pytest.raises(SandboxError, match="cache"):
        directed(b"an older probe", [Place("a.py", 1)])


def test_places_are_numbered_once() -> None:
    places = [Place("a.py", 1), Place("b.py", 1), Place("a.py", 1)]
    assert numbers(places) == {places[0]: 0, places[1]: 1}


def test_places_are_bounded() -> None:
    assert len(numbers([Place("a.py", line) for line in range(2 * MAX_PLACES)])) == MAX_PLACES


@given(st.lists(PLACES, max_size=5))
def test_any_names(places: list[Place]) -> None:
    code = directed(compiled(SMALL), places)
    assert constant(compiled(directed(SMALL, places))) == constant(code)
    aims = _read_aims(constant(code))
    known = numbers(places)
    for name, found in aims.items():
        assert name.isprintable()
        assert all(0 <= int(number) < len(known) and 0 <= first <= last for number, _, first, last, _ in found)
