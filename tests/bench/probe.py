"""What the interpreter probe costs: the import of flask in each interpreter of this machine, with the probe and without it, in turn.

Neither sandbox nor tracer takes part: bubblewrap only puts the probe's two files over the interpreter's own. Compared is processor time
from the interpreter's start to the end of the import, which a busy machine changes little; a thread reads the pipe, as the supervisor does.
"""

from __future__ import annotations

import os
import select
import statistics
import subprocess
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analyzer.acquire import Cache, SimpleIndex, acquire, environment_from
from analyzer.errors import SandboxError
from analyzer.sandbox.further import describe_on_host
from analyzer.sandbox.interpreter import Interpreter, find_on_host

VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
IMPORTED = "flask"
_PIPE = "/run/session/events"
_PROGRAM = f"""
import sys
sys.path.insert(0, {{site!r}})
import {IMPORTED}, time
print(time.process_time())
"""


def probe(cache: Cache, rounds: int) -> None:
    """Prints the ratio for each version that this machine has."""
    print(f"import {IMPORTED} with the interpreter probe, {rounds} rounds, processor time:")
    for version in VERSIONS:
        try:
            executable = find_on_host(version)
        except SandboxError:
            continue
        with tempfile.TemporaryDirectory() as folder:
            without, ratios = measured(executable, Path(folder), cache, rounds)
        print(
            f"  Python {version:<5} {without * 1000:6.1f} ms   {statistics.median(ratios):5.2f} times"
            f"   ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def measured(executable: Path, folder: Path, cache: Cache, rounds: int) -> tuple[float, list[float]]:
    """Median seconds without the probe, and the rounds' ratios."""
    interpreter = describe_on_host(executable, cache.root)
    site = _site(interpreter, executable, folder / "site", cache)
    plain = ["bwrap", "--dev-bind", "/", "/", "--tmpfs", "/run", "--dir", os.path.dirname(_PIPE)]
    plain += ["--bind", str(folder / "events"), _PIPE]
    probed = list(plain)
    for one in interpreter.overlays:
        (folder / one.name).write_bytes(one.content)
        probed += ["--ro-bind", str(folder / one.name), one.place]
    program = [str(executable), "-I", "-S", "-B", "-c", _PROGRAM.format(site=str(site))]
    seconds: dict[str, list[float]] = {"plain": [], "probed": []}
    with _read(folder / "events"):
        for round_number in range(rounds + 2):
            ways = [("plain", plain), ("probed", probed)]
            for name, words in reversed(ways) if round_number % 2 else ways:
                ended = subprocess.run([*words, *program], capture_output=True, check=True, text=True)
                if round_number > 1:  # the first rounds warm the file system's cache
                    seconds[name].append(float(ended.stdout))
    ratios = [one / other for one, other in zip(seconds["probed"], seconds["plain"], strict=True)]
    return statistics.median(seconds["plain"]), ratios


def _site(interpreter: Interpreter, executable: Path, site: Path, cache: Cache) -> Path:
    """A folder with what is imported and what that needs, compiled."""
    acquired = acquire(IMPORTED, environment_from(interpreter.description), cache, index=SimpleIndex(cache))
    for file in acquired.files:
        with zipfile.ZipFile(file.path) as wheel:
            wheel.extractall(site)
    subprocess.run([str(executable), "-I", "-m", "compileall", "-q", str(site)], check=True)
    return site


@contextmanager
def _read(pipe: Path) -> Iterator[None]:
    """Reads a new pipe as long as the block runs."""
    os.mkfifo(pipe)
    descriptor = os.open(pipe, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            if select.select([descriptor], [], [], 0.05)[0]:
                os.read(descriptor, 65536)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        os.close(descriptor)
