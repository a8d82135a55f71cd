"""Every start of an interpreter is seen, whatever its options."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.interpreter.prefix import Prefix


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["-I"],
        ["-S"],
        ["-E"],
        ["-s"],
        ["-O"],
        ["-OO"],
        ["-I", "-S", "-E", "-OO"],
        ["-X", "frozen_modules=off"],
        ["-X", "dev"],
        ["-X", "utf8=0"],
    ],
    ids="".join,
)
def test_options(probed: Prefix, options: list[str]) -> None:
    ended = probed.run(*options, "-c", "import time; time.time()", "an argument")
    assert ended.seen == (0, b"", b"")
    first = ended.lines[0]
    assert (first["e"], first["n"], first["f"], first["s"]) == ("start", 1, "", [])
    assert first["a"][-1:] == ["an argument"] or len(first["a"]) == 6
    assert ended.events("<string>", "time.") == [("time.time", 1)]


def test_numbers_increase(probed: Prefix) -> None:
    ended = probed.run("-c", "import os\nfor n in range(50): os.putenv('A', str(n))")
    numbers = [line["n"] for line in ended.lines]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len({line["p"] for line in ended.lines}) == 1
    assert [line["a"] for line in ended.lines if line["e"] == "os.putenv"] == [["A", str(n)] for n in range(50)]


def test_the_first_process_tells_its_number_by_a_lookup(probed: Prefix) -> None:
    """The pipe's path with the number below it is what the tracer's log is searched for."""
    strace = ["strace", "-f", "-e", "trace=openat", "-o", str(probed.pipe.parent / "log")]
    try:
        subprocess.run([*strace, "true"], check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("strace does not run here")
    os.environ["EVENTS"] = str(probed.pipe)
    ended = probed.run(
        "-c",
        f"import os; os.execvp('strace', {strace} + [{str(probed.python)!r}, '-c', 'import os; print(os.getpid())'])",
    )
    assert f'"{probed.pipe}/{int(ended.output)}"' in (probed.pipe.parent / "log").read_text()


def test_children_are_seen(probed: Prefix) -> None:
    ended = probed.run("-c", "import subprocess, sys; subprocess.run([sys.executable, '-I', '-c', 'pass', 'child'])")
    starts = [line for line in ended.lines if line["e"] == "start"]
    assert [line["a"][-1] for line in starts][-1] in {"child", starts[-1]["a"][-1]}
    assert len({line["p"] for line in starts}) == 2


def test_forks_are_seen_with_their_first_report(probed: Prefix) -> None:
    ended = probed.run("-c", "import os, time\nif os.fork(): os.wait()\nelse: time.time(); os._exit(0)")
    parent, *child = [line for line in ended.lines if line["e"] in {"start", "time.time"}]
    assert [(line["e"], line["a"]) for line in child] == [("start", ["fork"]), ("time.time", [])]
    assert parent["p"] != child[0]["p"] == child[1]["p"]


def test_a_low_limit_of_descriptors(probed: Prefix) -> None:
    program = (
        "import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64));"
        "os.execv(sys.executable, [sys.executable, '-c', 'import time; time.time(); print(os.open(\"/dev/null\", 0)) if 0 else 0'])"
    )
    ended = probed.run("-c", program)
    assert ended.seen == (0, b"", b"")
    assert [line["e"] for line in ended.lines].count("start") == 2
    assert ended.lines[-1]["e"] == "time.time"


@pytest.mark.parametrize("pipe", ["absent", "unread"])
def test_without_a_reader(probed: Prefix, pipe: str) -> None:
    program = (
        "import os, time, sys; time.time(); os.putenv('A', 'B'); print(open(os.devnull).fileno(), sys.getprofile())"
    )
    assert probed.run("-c", program, pipe=pipe).seen == (0, b"3 None\n", b"")


@pytest.mark.parametrize("option", [[], ["-X", "frozen_modules=off"]], ids="".join)
def test_code_in_a_path_file_has_that_files_name(probed: Prefix, tmp_path: Path, option: list[str]) -> None:
    (tmp_path / "own.pth").write_text("\nimport time; time.time(); exec('time.time_ns()')\n")
    ended = probed.run("-I", *option, "-c", f"import site\nsite.addsitedir({str(tmp_path)!r})")
    assert ended.events(tmp_path / "own.pth", "time.") == [("time.time", 2)]
    (nested,) = [line for line in ended.lines if line["e"] == "time.time_ns"]
    assert (nested["f"], nested["s"][0]) == ("<string>", [str(tmp_path / "own.pth"), 2])
