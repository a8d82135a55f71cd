"""Before Python 3.12, the profile function is away while modules are imported and patterns compiled: what is still seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.interpreter.prefix import Prefix

MODULES = {
    "inner": "import time\ntime.time()\n",
    "outer": "import time\ntime.time()\nimport decimal\ntime.time()\nimport inner\ntime.time()\n",
    "failing": "import time\ntime.time()\nimport fractions\n1 / 0\n",
}

PROGRAMS = {
    "after an import": ("import calendar\ntime.time()", [2]),
    "after an import that fails": ("try: import nothing.there\nexcept ImportError: pass\ntime.time()", [3]),
    "after one whose code fails": ("try: import failing\nexcept ZeroDivisionError: pass\ntime.time()", [3]),
    "after an extension module": ("import _queue, _zoneinfo\ntime.time()", [2]),
    "in a function that imports": ("def f():\n    import queue\n    time.time()\nf()", [3]),
    "after a pattern": ("import re\nre.compile('(a|b)c*[d-f]{2}')\ntime.time()", [3]),
    "after a pattern that fails": ("import re\ntry: re.compile('(a|b')\nexcept re.error: pass\ntime.time()", [4]),
    "after the parser alone": (
        "import warnings; warnings.simplefilter('ignore')\nimport sre_parse\nkept = sre_parse.parse('(a|b)c')\ntime.time()",
        [4],
    ),
    "in another thread": (
        "import threading\ndef f():\n    import wave, re\n    re.compile('x(y)z')\n    time.time()\nthreading.Thread(target=f).start()",
        [5],
    ),
    "beside an import in another thread": (
        "import threading\nthreading.Thread(target=lambda: __import__('mailbox')).start()\nimport mailbox\n\ntime.time()",
        [5],
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_time_is_seen(probed: Prefix, tmp_path: Path, name: str) -> None:
    body, expected = PROGRAMS[name]
    for module, text in MODULES.items():
        (tmp_path / f"{module}.py").write_text(text)
    script = tmp_path / "program.py"
    script.write_text("import time\n" + body)
    ended = probed.run("-S", script)
    assert (ended.status, ended.errors) == (0, b"")
    assert ended.events(script, "time.") == [("time.time", line + 1) for line in expected]


def test_modules_are_seen_between_their_imports(probed: Prefix, tmp_path: Path) -> None:
    for module, text in MODULES.items():
        (tmp_path / f"{module}.py").write_text(text)
    script = tmp_path / "program.py"
    script.write_text("import outer")
    ended = probed.run("-S", script)
    assert ended.events(tmp_path / "outer.py", "time.") == [("time.time", line) for line in (2, 4, 6)]
    assert ended.events(tmp_path / "inner.py", "time.") == [("time.time", 2)]


FINDER = """
import sys, time
class Finder:
    @staticmethod
    def find_spec(name, path, target=None):
        time.time()
sys.meta_path.insert(0, Finder)
import calendar
"""

IMPORT = """
import builtins, time
real = builtins.__import__
def own(*arguments, **named):
    time.time()
    return real(*arguments, **named)
builtins.__import__ = own
import calendar
"""


@pytest.mark.parametrize(("program", "line"), [(FINDER, 6), (IMPORT, 5)], ids=["finder", "import"])
def test_what_the_package_puts_into_imports_is_seen(probed: Prefix, tmp_path: Path, program: str, line: int) -> None:
    script = tmp_path / "program.py"
    script.write_text(program)
    assert probed.run("-S", script).events(script, "time.") == [("time.time", line)]


def test_patterns_are_told_once(probed: Prefix, tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text("import re\nre.compile('(a|b)c'), re.compile('.')\nre.match('[x-z]', 'y')\n")
    assert probed.run("-S", script).events(script, "re.") == [("re.compile", 2), ("re.compile", 3)]
