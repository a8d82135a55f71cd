from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hood.owner import STATUS

PROBES = Path(__file__).resolve().parents[3] / "probes"
BUSY = "print('there', flush=True)\nwhile True: sum(range(1000))\n"
ASLEEP = "import time\nprint('there', flush=True)\ntime.sleep(1000)\n"
WAITING = "import signal\nprint('there', flush=True)\nsignal.sigwaitinfo({signal.SIGTERM})\n"


@pytest.mark.parametrize("rest", [BUSY, ASLEEP, WAITING], ids=["busy", "asleep", "waiting"])
def test_it_ends_when_its_owner_is_gone_whatever_it_does(rest: str) -> None:
    program = f"import sys\nsys.path.insert(0, {str(PROBES)!r})\nfrom hood.owner import end_with_owner\nend_with_owner()\n{rest}"
    words = [sys.executable, "-c", program]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        process.stdin.write("something\n")
        process.stdin.flush()
        assert process.poll() is None
        process.stdin.close()
        try:
            assert process.wait(timeout=30) == STATUS
        finally:
            process.kill()


def test_it_ends_at_once_when_its_owner_was_gone_before() -> None:
    program = f"import sys\nsys.path.insert(0, {str(PROBES)!r})\nfrom hood.owner import end_with_owner\nend_with_owner()\nprint('on')\n"
    ended = subprocess.run(
        [sys.executable, "-c", program], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30
    )
    assert (ended.returncode, ended.stdout) == (STATUS, "")


def test_its_children_are_left_as_they_were() -> None:
    program = (
        f"import subprocess, sys\nsys.path.insert(0, {str(PROBES)!r})\nfrom hood.owner import end_with_owner\nend_with_owner()\n"
        "subprocess.run([sys.executable, '-c', 'import signal; print(repr(signal.getsignal(signal.SIGIO)))'], stdin=-3)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read() == f"{signal.SIG_DFL!r}\n"
