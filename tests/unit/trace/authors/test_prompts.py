from __future__ import annotations

import pytest

from analyzer.trace.authors.prompts import Prompt
from analyzer.trace.calls.kernel import trace
from tests.unit.trace.making import COMMAND, lines, text_log

READ = 'openat(AT_FDCWD, "/home/u/.python_history", O_RDONLY) = 3'
KEEP = 'openat(AT_FDCWD, "/home/u/.python_history-00002.tmp", O_WRONLY|O_CREAT|O_TRUNC, 0600) = 3'
NAME = 'rename("/home/u/.python_history-00002.tmp", "/home/u/.python_history") = 0'


def own(*calls: str, words: str = f'"{COMMAND}"') -> list[bool]:
    log = lines(*calls, command=f'execve("{COMMAND}", [{words}], 0x7 /* 3 vars */) = 0')
    prompt = Prompt("/home/u")
    return [prompt.is_own(act) for act in trace(text_log(log), COMMAND, "/home/u").acts][1:]


def test_the_prompt_reads_its_history_once_and_keeps_it() -> None:
    assert own(READ, 'read(3, "x", 9) = 1', KEEP, NAME) == [True, True, True, True]


def test_who_reads_the_history_again_is_not_the_prompt() -> None:
    assert own(READ, READ, 'read(3, "x", 9) = 1') == [True, False, False]


def test_other_files_are_not_the_prompts() -> None:
    assert own('openat(AT_FDCWD, "/home/u/.bash_history", O_RDONLY) = 3', KEEP.replace("-00002.tmp", "-x.tmp")) == [
        False,
        False,
    ]


@pytest.mark.parametrize("words", [f'"{COMMAND}", "-m", "sample"', '"act"', '"/home/u/project/.venv/bin/pythonx"'])
def test_what_runs_something_has_no_prompt(words: str) -> None:
    assert own(READ, KEEP, words=words) == [False, False]
