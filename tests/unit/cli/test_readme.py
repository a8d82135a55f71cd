"""The README's help text is the program's own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"<!-- help: fumehood (.*?) -->\n```\n(.*?)```\n<!-- end help -->", README, re.DOTALL)


def help_of(words: str) -> str:
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "analyzer", *words.split()]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_there_is_a_block() -> None:
    names = ["analyze", "vet", "diff", "explore", "cp", "confirm", "render"]
    assert [words for words, _ in BLOCKS] == [f"{name} --help" for name in names]


@pytest.mark.parametrize(("words", "text"), BLOCKS)
def test_the_readme_has_the_help_of_the_program(words: str, text: str) -> None:
    assert text == help_of(words)
