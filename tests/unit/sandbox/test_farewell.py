"""What a process of ours still owns when it was told to end goes with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys, tempfile
from pathlib import Path
from analyzer import kept
from analyzer.sandbox import cgroup, farewell
from analyzer.sandbox.interface import Limits
from analyzer.sandbox.leftovers import owned_folder
from analyzer.tokens import new_token

place = Path(sys.argv[1])
tempfile.tempdir = str(place)
folder = owned_folder()
folder.__enter__()
groups = cgroup.limited(new_token(), Limits())
made = groups.__enter__()
kept.create_beside(place / "report.json")
if len(sys.argv) > 2:
    farewell.note_engine(sys.argv[2])
before = len(list(place.iterdir()))
problem = farewell.remove_own()
print(before, len(list(place.iterdir())), [path for path in made.folders if path.exists()], problem)
"""


def farewell(place: Path, *words: str, **variables: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(place), *words],
        capture_output=True,
        text=True,
        check=True,
        env=variables or None,
    )
    return ended.stdout.strip()


def test_everything_that_it_owns_is_removed(tmp_path: Path) -> None:
    assert farewell(tmp_path) == "2 0 []"


def test_an_engine_that_does_not_answer_is_told(tmp_path: Path) -> None:
    address = f"unix://{tmp_path}/nobody"
    said = farewell(tmp_path, address, DOCKER_HOST=address)
    assert said.startswith(
        "2 0 [] containers may be left, which the next analysis removes: no Docker engine answers at"
    )
