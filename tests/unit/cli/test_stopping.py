"""Signals at any moment of a command, from the first on."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.signals import heard

HELD = """
import os, signal, sys
sys.modules["typer"] = None
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "analyzer.cli.app":
            os.kill(os.getpid(), {number})
sys.meta_path.insert(0, Finder())
signal.signal(signal.SIGINT, {before})
from analyzer.cli import main
main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_everything_is_loaded_is_one_line(number: signal.Signals) -> None:
    program = HELD.format(number=int(number), before="signal.default_int_handler")
    with heard():
        ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (128 + number, "")
    assert ended.stderr == "fumehood: interrupted, nothing left behind\n"


def test_a_signal_that_is_ignored_stays_so() -> None:
    program = HELD.format(number=int(signal.SIGINT), before="signal.SIG_IGN")
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "typer" in ended.stderr
    assert ended.returncode == 1
