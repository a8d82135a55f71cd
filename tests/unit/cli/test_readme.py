"""The README's help text is the program's own, and its table has every command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import typer

from analyzer.cli.app import app

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")


def test_the_readme_has_the_help_of_the_program() -> None:
    blocks = re.findall(r"<!-- help: fumehood (.*?) -->\n```\n(.*?)```\n<!-- end help -->", README, re.DOTALL)
    assert [words for words, _ in blocks] == ["analyze --help"]
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "analyzer", "analyze", "--help"]
    assert blocks[0][1] == subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_readme_tells_what_each_command_is_for() -> None:
    group: Any = typer.main.get_group(app)
    commands = set(group.list_commands(None))
    assert commands == {words.split()[1] for words in re.findall(r"`(fumehood [a-z]+[^`]*)`", README)} & commands
