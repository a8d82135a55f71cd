"""What a record tells of the places that its run was directed at, and that nothing in it can break that."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.model.direction import Direction, Place
from analyzer.sandbox.directions import MAX_PLACES
from tests.unit.pipeline.recording import SITE, START, Recording

MOD = f"{SITE}/pkg/mod.py"
BUILT = "/home/alex/.cache/uv/sdists-v9/path/1/src"


def line(*arguments: str, file: str = MOD, time: float = START + 11, **more: Any) -> str:
    sign = {
        "t": time,
        "p": 2,
        "n": 1,
        "i": 1,
        "e": "reached",
        "a": arguments,
        "f": file,
        "l": 1,
        "m": "",
        "s": [],
    } | more
    return json.dumps(sign, separators=(",", ":")) + "\n"


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    found = Recording(tmp_path)
    found.installed(("pkg.mod", "pkg.other", "top", "other.mod"))
    return found


def directed(recording: Recording, places: list[Place], *probe: str, phase: str = "import") -> list[Direction]:
    plan = {
        "format": 1,
        "environment": {"PWD": "/home/alex/project"},
        "directions": [asdict(place) for place in places],
    }
    recording.write("plan.json", json.dumps(plan))
    recording.step("install", probe="" if phase != "install" else "".join(probe))
    recording.step(
        "import", probe="" if phase != "import" else "".join(probe), driver='{"begin":"pkg.mod","t":1000020.5}\n'
    )
    return recording.report().directions


def one(recording: Recording, place: Place, *probe: str, phase: str = "import") -> Direction:
    (found,) = directed(recording, [place], *probe, phase=phase)
    return found


LATER = START + 21


def test_how_near_it_came(recording: Recording) -> None:
    told = (
        line("0", "module", "Client.get", "3", "9", time=LATER),
        line("0", "function", time=LATER),
        line("0", "line", time=LATER),
    )
    place = Place("/tmp/x/src/pkg/mod.py", 4, 5)
    for count, reached in enumerate(("nothing", "module", "function", "line")):
        recording.steps.clear()
        found = one(recording, place, *told[:count])
        assert found.reached == reached
        assert (found.asked, found.file, found.module, found.line, found.end_line) == (
            place.file,
            "pkg/mod.py",
            "pkg.mod",
            4,
            5,
        )
        if count:
            assert (found.function, found.function_line, found.function_end) == ("Client.get", 3, 9)
            assert found.during == "import of pkg.mod"


@pytest.mark.parametrize(
    ("ran", "said"), [(4, ""), (5, ""), (3, "no code of its own; the nearest line before it, 3, was run")]
)
def test_another_line_than_the_place_s_is_told(recording: Recording, ran: int, said: str) -> None:
    found = one(recording, Place("pkg/mod.py", 4, 5), line("0", "line", l=ran, time=LATER))
    assert found.reached == "line"
    assert found.detail == (f"the place has {said}" if said else "")


def test_signs_of_other_files_do_not_count(recording: Recording) -> None:
    others = (f"{SITE}/other/mod.py", "/usr/lib/python3/dist-packages/pkg/mod.py", "/home/alex/mod.py")
    assert (
        one(recording, Place("pkg/mod.py", 1), *(line("0", "line", file=file, time=LATER) for file in others)).reached
        == "nothing"
    )


def test_a_build_reaches_the_same_file_elsewhere(recording: Recording) -> None:
    found = one(recording, Place("pkg/mod.py", 1), line("0", "line", file=f"{BUILT}/pkg/mod.py"), phase="install")
    assert (found.reached, found.during, found.file) == ("line", "install", "pkg/mod.py")


def test_a_build_script_is_no_installed_file(recording: Recording) -> None:
    found = one(recording, Place("pkg-1.0/setup.py", 1), line("0", "line", file="setup.py"), phase="install")
    assert (found.reached, found.file, found.module) == ("line", "setup.py", "")
    recording.steps.clear()
    assert one(recording, Place("pkg-1.0/setup.py", 1)).detail == "no build script was seen running"


def test_what_cannot_be_known(recording: Recording) -> None:
    places = [
        Place("pkg/absent.py", 1),
        Place("", module="absent"),
        Place("mod.py", 1),
        *(Place("top.py", n) for n in range(MAX_PLACES)),
    ]
    found = directed(recording, places)
    assert [one.reached for one in found[:3]] == ["unknown"] * 3
    assert [one.reached for one in found[3:]] == ["nothing"] * (MAX_PLACES - 3) + ["unknown"] * 3
    assert found[-1].detail == f"only the first {MAX_PLACES} places are watched"
    assert "no such module" in found[1].detail


def test_a_place_by_its_module_alone(recording: Recording) -> None:
    found = one(
        recording,
        Place("", module="pkg.other", function="go"),
        line("0", "function", file=f"{SITE}/pkg/other.py", time=LATER),
    )
    assert (found.reached, found.file, found.function) == ("function", "pkg/other.py", "go")


def test_the_same_place_twice_is_told_twice(recording: Recording) -> None:
    found = directed(
        recording, [Place("top.py", 1), Place("pkg/mod.py", 2), Place("top.py", 1)], line("1", "line", time=LATER)
    )
    assert [one.reached for one in found] == ["nothing", "line", "nothing"]


def test_a_package_that_traces_may_hide_lines(recording: Recording) -> None:
    traced = line(time=LATER, e="sys.settrace", file=MOD)
    assert (
        "traces its own code" in one(recording, Place("pkg/mod.py", 1), traced, line("0", "module", time=LATER)).detail
    )


def test_signs_are_no_behavior(recording: Recording) -> None:
    place = Place("pkg/mod.py", 1)
    directed(recording, [place])
    plain = recording.report()
    recording.steps.clear()
    directed(recording, [place], line("0", "line", time=LATER))
    assert recording.report().behaviors == plain.behaviors
    assert [one.reached for one in recording.report().directions] == ["line"]


def test_without_directions_there_are_none(recording: Recording) -> None:
    assert recording.report().directions == []


ARGUMENTS = st.lists(
    st.one_of(st.sampled_from(["0", "1", "99", "line", "module", "", "٣", "9" * 5000]), st.text(max_size=5)), max_size=6
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    st.lists(st.tuples(ARGUMENTS, st.sampled_from([MOD, "setup.py", "", "/", "x" * 300])), max_size=5),
    st.text(max_size=30),
)
def test_whatever_is_told(recording: Recording, told: list[tuple[list[str], str]], rubbish: str) -> None:
    recording.steps.clear()
    lines = [line(*arguments, file=file, time=LATER) for arguments, file in told]
    broken = f'"e":"reached"{rubbish}'.encode("utf-8", "replace").decode().replace("\n", "") + "\n"
    found = directed(recording, [Place("pkg/mod.py", 1), Place("setup.py", 2), Place("", 0)], *lines, broken)
    assert len(found) == 3
    assert all(one.reached in {"line", "function", "module", "nothing", "unknown"} for one in found)
