"""The overlay: which file every start of an interpreter takes, at each level of optimization."""

from __future__ import annotations

import base64
import marshal
import re
import sys
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING

import pytest

from analyzer.sandbox.interpreter import probe_source
from tests.unit.interpreter.prefix import PIPE

if TYPE_CHECKING:
    from tests.unit.interpreter.prefix import Prefix

_NAMES = """
import encodings
names = set(vars(encodings)) - {"__cached__", "__builtins__"}
print([(name, getattr(encodings, name)) for name in sorted(names)])
"""


def test_the_probe_stands_behind_the_librarys_own_text(probed: Prefix, plain: Prefix) -> None:
    source = base64.b64decode(probed.description["source"])
    own = (plain.library / "encodings/__init__.py").read_bytes()
    probe = probe_source().replace(PIPE, str(probed.pipe)).encode()
    assert source == own + b"\n\n" + probe


def test_the_description(probed: Prefix) -> None:
    told = probed.description
    assert told["python_version"].startswith("{}.{}.".format(*probed.version))
    assert told["executable"] == str(probed.python)
    assert told["prefix"] == str(probed.library.parent.parent)
    assert told["encodings"] == str(probed.library / "encodings/__init__.py")
    assert Path(told["cached"]).parent == probed.library / "encodings/__pycache__"
    assert Path(told["cached"]).name.startswith("__init__.cpython-{}{}.".format(*probed.version))


def test_the_compiled_form_asks_neither_for_time_nor_size(probed: Prefix) -> None:
    compiled = base64.b64decode(probed.description["compiled"])
    assert compiled[4:8] == b"\x01\0\0\0"  # PEP 552: hash-based, not checked
    program = "import importlib.util, sys; sys.stdout.buffer.write(importlib.util.MAGIC_NUMBER)"
    assert compiled[:4] == probed.run("-c", program).output
    if tuple(probed.version) == sys.version_info[:2]:
        code = marshal.loads(compiled[16:])
        assert isinstance(code, CodeType)
        assert code.co_filename == probed.description["encodings"]


@pytest.mark.parametrize("options", [[], ["-O"]], ids="".join)
def test_nothing_remains_in_the_module(probed: Prefix, plain: Prefix, options: list[str]) -> None:
    without, ended = plain.run(*options, "-c", _NAMES), probed.run(*options, "-c", _NAMES)
    output = ended.output.replace(str(probed.library).encode(), str(plain.library).encode())
    assert _without_addresses(output) == _without_addresses(without.output)


def _without_addresses(text: bytes) -> bytes:
    return re.sub(rb"0x[0-9a-f]+", b"", text)


@pytest.mark.parametrize("option", ["-O", "-OO"])
def test_compiled_files_for_other_levels_are_out_of_date(probed: Prefix, option: str) -> None:
    """They are not overlaid, but the source is, whose size and time they do not have."""
    (kept,) = probed.library.glob(f"encodings/__pycache__/__init__.*.opt-{len(option) - 1}.pyc")
    before = kept.read_bytes()
    assert before[4:8] == bytes(4)  # PEP 552: by time and size
    assert [line["e"] for line in probed.run("-I", "-S", option, "-c", "").lines] == ["start"]
    assert kept.read_bytes() == before


def test_the_probe_names_the_pipe_where_a_test_can_replace_it() -> None:
    assert probe_source().count(f'"{PIPE}') == 2
