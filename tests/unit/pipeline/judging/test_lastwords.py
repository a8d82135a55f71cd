from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.pipeline.judging.lastwords import last_words

UV = """error: Failed to build `thing`
  cause: Call to `setuptools.build_meta.build_wheel` failed (exit status: 1)

         [stderr]
         {}

hint: Build failures usually indicate a problem with the package
"""
PIP = """Processing /srv/packages/thing-1.0.tar.gz
  error: subprocess-exited-with-error

  \u00d7 Building wheel for thing (pyproject.toml) did not run successfully.
  ╰─> [9 lines of output]
      {}
      [end of output]

  note: This error originates from a subprocess, and is likely not a problem with pip.
  ERROR: Failed building wheel for thing
hint: See above for details.
"""
TRACEBACK = (
    "Traceback (most recent call last):",
    '  File "<string>", line 2, in <module>',
    "    raise ValueError(text)",
    "ValueError: no such luck",
    "and more of the same text",
)
COMPILER = (
    "gcc -c x.c -o x.o",
    "x.c:2:8: error: expected declaration specifiers",
    "    2 | int f( {",
    "x.c:3:1: error: another",
    "error: Command '['gcc', '-c', 'x.c']' returned non-zero exit status 1.",
)


@pytest.mark.parametrize("around", [UV, PIP])
@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("this package cannot be built",), "this package cannot be built"),
        (TRACEBACK, "ValueError: no such luck"),
        ((*TRACEBACK[:1], "  File x", "KeyError: 1", "", "During handling:", "", *TRACEBACK), "ValueError: no such luck"),
        (COMPILER, "x.c:2:8: error: expected declaration specifiers"),
        (("error: command '/usr/bin/gcc' failed with exit code 1",), "error: command '/usr/bin/gcc' failed with exit code 1"),
    ],
)  # fmt: skip
def test_the_cause_is_found_among_the_installers_words(around: str, lines: tuple[str, ...], reason: str) -> None:
    margin = " " * (around.index("{") - around.rindex("\n", 0, around.index("{")) - 1)
    assert last_words(around.format(f"\n{margin}".join(lines))) == reason


def test_output_without_an_installers_marks_ends_with_the_reason() -> None:
    assert last_words("one\ntwo\n\n") == "two"
    assert last_words("hint: a package may print that first of all\n") == "hint: a package may print that first of all"
    assert last_words("\n \n") == ""


def test_a_reason_is_short() -> None:
    assert len(last_words("x" * 10_000)) == 300


@given(st.text())
def test_any_output_is_read(output: str) -> None:
    assert "\n" not in last_words(output)
    last_words(PIP.format(output))
