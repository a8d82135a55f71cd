"""When something of ours fails: never a clean report, one clear line, the exit code of the contract, nothing left, no file half."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
import psutil
import pytest

from analyzer.acquire import Cache, SimpleIndex
from analyzer.pipeline import Options, analyze
from analyzer.sandbox.docker.images import ensure_images
from analyzer.sandbox.tracer import Tracing
from tests.integration.analysing import PLACES, everywhere
from tests.integration.lifecycle import (
    CHECKOUT,
    SECONDS,
    analyzing,
    command,
    containers_of,
    environment,
    left_by,
    naming,
    still_running,
    tree_of,
    wait_for,
)
from tests.packages import make_wheel
from tests.soak.checks import half_files, strays
from tests.soak.victims import pid_numbers

MODULE = "import time\ntime.sleep({seconds})\n\ndef main():\n    print('here')\n"
INTERRUPTED = "fumehood: interrupted, nothing left behind"
OURS = "this is a bug of fumehood"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """The place of temporary files, and that of outputs."""
    for name in ("temporary", "outputs"):
        (tmp_path / name).mkdir()
    return tmp_path / "temporary", tmp_path / "outputs"


def package(folder: Path, seconds: float = 4.0, module: str = MODULE) -> Path:
    """A wheel whose module takes its time to be imported, with a script that the next phase runs."""
    scripts = {"console_scripts": {"waiting-tool": "waiting:main"}}
    return make_wheel(folder, "waiting", modules={"waiting.py": module.format(seconds=seconds)}, entry_points=scripts)


def report_in(folder: Path) -> dict[str, object]:
    """The report that an analysis wrote there."""
    content: dict[str, object] = json.loads((folder / "report.json").read_text())
    return content


def phases(report: dict[str, object]) -> dict[str, str]:
    return {phase["name"]: phase["status"] for phase in report["phases"]}  # type: ignore[attr-defined, index]


def told(report: dict[str, object], words: str) -> bool:
    """Whether a report, which has to be incomplete, has a reason with these words."""
    reasons = incomplete(report)
    assert any(words in reason for reason in reasons), reasons
    return True


def incomplete(report: dict[str, object]) -> list[str]:
    """The reasons of a report that has to be incomplete."""
    completeness = report["completeness"]
    assert completeness["status"] == "incomplete", completeness  # type: ignore[index]
    reasons: list[str] = completeness["reasons"]  # type: ignore[index]
    return reasons


def engine_of(sandbox: str, request: pytest.FixtureRequest) -> docker.DockerClient | None:
    return request.getfixturevalue("docker_client") if sandbox == "docker" else None


SEED = int(os.environ.get("FUMEHOOD_SEED") or random.SystemRandom().randrange(10**6))


@everywhere
def test_signals_at_random_moments(
    sandbox: str,
    tracer: str,
    tmp_path: Path,
    folders: tuple[Path, Path],
    cache_directory: Path,
    request: pytest.FixtureRequest,
) -> None:
    """`make soak` does this by hundreds; FUMEHOOD_SEED repeats the moments of one run."""
    temporary, outputs = folders
    client = engine_of(sandbox, request)
    choice = random.Random(f"{SEED} {sandbox} {tracer}")
    wheel = package(tmp_path, 0.5)
    options = ("-q", "-o", f"json={outputs}/report.json", "-o", f"record={outputs}/run.record")
    for _ in range(3):
        number, moment = choice.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP]), choice.uniform(0.1, 5.0)
        where = f"FUMEHOOD_SEED={SEED}: {number.name} after {moment:.3f} s"
        print(where)
        with analyzing(wheel, sandbox, tracer, cache_directory, temporary, *options) as process:
            time.sleep(moment)
            tree = tree_of(process.pid, client) if process.poll() is None else []
            process.send_signal(number)
            said, _ = process.communicate(timeout=SECONDS)
            if process.returncode != 0:
                assert (process.returncode, said.splitlines()) == (128 + number, [INTERRUPTED]), where
            assert left_by(process.pid, tree, temporary, client) == [], where
        assert still_running(naming(str(temporary))) == [], where
        assert half_files(outputs, tmp_path) == [], where


def named(words: str) -> Callable[[psutil.Process], bool]:
    """Whether a process has these words in its command line."""
    return lambda one: words in " ".join(one.cmdline())


def is_first(one: psutil.Process) -> bool:
    """Whether a process is the first one of the package's pid namespace, two below this one's."""
    numbers = pid_numbers(one.pid)
    return len(numbers) == len(pid_numbers(os.getpid())) + 2 and numbers[-1] == "1"


def struck(
    wheel: Path,
    place: tuple[str, str],
    cache: Path,
    folders: tuple[Path, Path],
    client: docker.DockerClient | None,
    is_victim: Callable[[psutil.Process], bool],
) -> dict[str, object]:
    """The report of an analysis in which a process of ours is killed at the import."""
    temporary, outputs = folders
    with analyzing(wheel, *place, cache, temporary, "-o", f"json={outputs}/report.json") as process:
        wait_for(process, "importing")
        time.sleep(1.0)
        tree = tree_of(process.pid, client)
        (victim, *_) = [one for one in tree if one.is_running() and is_victim(one)]
        victim.kill()
        said, _ = process.communicate(timeout=SECONDS)
        assert process.returncode == 4, said
        assert "Traceback" not in said
        assert left_by(process.pid, tree, temporary, client) == []
    return report_in(outputs)


@pytest.mark.parametrize(("sandbox", "tracer"), [place for place in PLACES if place.values[1] == "strace"])
def test_a_killed_tracer_costs_one_command(
    sandbox: str,
    tracer: str,
    tmp_path: Path,
    folders: tuple[Path, Path],
    cache_directory: Path,
    request: pytest.FixtureRequest,
) -> None:
    client = engine_of(sandbox, request)
    report = struck(package(tmp_path), (sandbox, tracer), cache_directory, folders, client, named("strace -f"))
    assert told(report, "strace ended before what it traced")
    assert phases(report)["execute"] == "ok", report["phases"]


@pytest.mark.parametrize(("sandbox", "tracer"), PLACES[1:3])
def test_a_killed_internet_does_not_stop_the_phases(
    sandbox: str,
    tracer: str,
    tmp_path: Path,
    folders: tuple[Path, Path],
    cache_directory: Path,
    request: pytest.FixtureRequest,
) -> None:
    client = engine_of(sandbox, request)
    words = "-m hood.internet" if sandbox == "docker" else "-m internet serve"
    report = struck(package(tmp_path), (sandbox, tracer), cache_directory, folders, client, named(words))
    assert told(report, "the simulated internet ended")
    assert phases(report)["import"] == "ok", report["phases"]
    assert phases(report)["execute"] == "ok", report["phases"]


KILLING = "import os, signal\n\ndef main():\n    os.kill(os.getpid(), signal.SIGKILL)\n"


@pytest.mark.parametrize(("sandbox", "tracer"), PLACES[:2])
def test_walls_that_are_taken_away_are_told_and_a_package_that_kills_itself_is_not(
    sandbox: str, tracer: str, tmp_path: Path, folders: tuple[Path, Path], cache_directory: Path
) -> None:
    place = (sandbox, tracer)
    report = struck(package(tmp_path), place, cache_directory, folders, None, is_first)
    assert told(report, "the sandbox around the command was ended from outside")
    assert phases(report)["execute"] == "ok", report["phases"]
    wheel = package(tmp_path, module=KILLING)
    output = f"json={folders[1]}/report.json"
    with analyzing(wheel, *place, cache_directory, folders[0], "-o", output) as process:
        said, _ = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, said


@pytest.mark.docker
@pytest.mark.skipif(not Path("/sys/kernel/btf/vmlinux").exists(), reason="this kernel has no types (BTF)")
def test_a_lost_kernel_tracer_does_not_stop_the_phases(
    tmp_path: Path, cache_directory: Path, docker_client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one in a container, which can be killed for itself."""
    monkeypatch.setattr(Tracing, "_load", lambda _: None)
    cache = Cache(cache_directory)
    killed = []

    def progress(stage: str) -> None:
        if stage.startswith("importing") and not killed:
            time.sleep(1.5)
            killed.extend(one for one in containers_of(os.getpid(), docker_client) if one.name.endswith("-tracer"))
            killed[0].kill()

    options = Options(sandbox="docker", tracer="kernel")
    report = analyze(str(package(tmp_path)), options, cache, SimpleIndex(cache), progress, lambda _: None)
    assert killed
    assert report.completeness.status == "incomplete"
    assert any("not recorded" in reason and "kernel tracer" in reason for reason in report.completeness.reasons)
    assert {phase.name: phase.status for phase in report.phases}["execute"] == "ok"
    assert containers_of(os.getpid(), docker_client) == []


# ---- the engine ----------------------------------------------------------------------------------------------------


@pytest.fixture
def own() -> Iterator[Path]:
    """A folder for an engine: those of tests have long names, and the address of a socket has room for 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="e-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
        # The engine mounts its own folders over themselves, and leaves what was mounted when it was killed.
        mounted = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
        for place in sorted((one for one in mounted if one.startswith(folder)), reverse=True):
            subprocess.run(["umount", "--lazy", place], check=True)


def forget_containerd(folder: Path) -> None:
    """Removes the process number that the containerd of a killed engine leaves.

    It ends with its engine. Until the first process of the machine takes leave of it, the next engine takes the zombie for running
    (moby, libcontainerd/supervisor: it asks by signal 0), and waits in vain for it to answer.
    """
    file = folder / "exec" / "containerd" / "containerd.pid"
    if not file.exists():
        return
    with suppress(psutil.NoSuchProcess):
        assert still_running([psutil.Process(int(file.read_text()))]) == []
    file.unlink()


@contextmanager
def engine(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A Docker engine of the test's own: its process, and its address."""
    forget_containerd(folder)
    address = f"unix://{folder}/socket"
    words = [
        "dockerd",
        f"--data-root={folder}/data",
        f"--exec-root={folder}/exec",
        f"--pidfile={folder}/pid",
        "--host",
        address,
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*words, "--bridge=none", "--iptables=false", "--ip6tables=false"], stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + SECONDS
        while "API listen on" not in (folder / "log").read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail((folder / "log").read_text()[-2000:])
            time.sleep(0.1)
        yield process, address
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)


@pytest.mark.docker
@as_root
@pytest.mark.skipif(shutil.which("dockerd") is None, reason="no engine can be started here")
@pytest.mark.timeout(600)
def test_an_engine_that_is_killed(
    own: Path, tmp_path: Path, folders: tuple[Path, Path], cache_directory: Path, docker_client: docker.DockerClient
) -> None:
    temporary, outputs = folders
    images = ensure_images(docker_client, print)
    wheel = package(tmp_path, 20.0)
    output = f"json={outputs}/report.json"
    with engine(own) as (daemon, address):
        client = docker.DockerClient(base_url=address, timeout=SECONDS)
        for image in (images.package, images.internet):
            client.images.load(b"".join(docker_client.images.get(image).save(named=image)))
        with analyzing(
            wheel, "docker", "auto", cache_directory, temporary, "-o", output, DOCKER_HOST=address
        ) as process:
            wait_for(process, "importing")
            time.sleep(1.0)
            tree = tree_of(process.pid, client)
            daemon.kill()
            said, _ = process.communicate(timeout=SECONDS)
            assert process.returncode == 4, said
            assert "Traceback" not in said
            reasons = incomplete(report_in(outputs))
            assert any("the Docker engine failed in mid-run" in reason for reason in reasons)
            assert any("the next analysis removes them" in reason for reason in reasons)
            # Nobody is left to end what is in the containers, which does so by itself; the engine's mounts are the engine's.
            left = left_by(process.pid, tree, temporary, None)
            assert [one for one in left if f"mount tmpfs {own}" not in one] == []
            gone = process.pid
    with engine(own) as (daemon, address):
        client = docker.DockerClient(base_url=address, timeout=120)
        assert containers_of(gone, client)
        quiet = make_wheel(tmp_path, "quiet", modules={"quiet.py": ""})
        with analyzing(quiet, "docker", "strace", cache_directory, temporary, DOCKER_HOST=address) as process:
            said, _ = process.communicate(timeout=2 * SECONDS)
            assert process.returncode == 0, said
        assert left_by(gone, [], temporary, client) == []
        assert left_by(process.pid, [], temporary, client) == []
        client.close()


# ---- disks ---------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path, size: str = "256k", *options: str) -> Iterator[Path]:
    """A file system in memory, mounted where the engine sees it too."""
    folder.mkdir(exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", ",".join([f"size={size}", "mode=700", *options]), "tmpfs", str(folder)]
    subprocess.run(words, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


TALKATIVE = "import sys, time\nfor _ in range(200):\n    print('x' * 65536)\n\ndef main():\n    pass\n"


@as_root
@pytest.mark.parametrize(("sandbox", "tracer"), [PLACES[0], PLACES[3]])
def test_a_disk_that_gets_full_in_mid_run(
    sandbox: str,
    tracer: str,
    tmp_path: Path,
    folders: tuple[Path, Path],
    cache_directory: Path,
    request: pytest.FixtureRequest,
) -> None:
    client = engine_of(sandbox, request)
    wheel = package(tmp_path, module=TALKATIVE)
    with small_disk(tmp_path / "small", "6m") as temporary:
        output = f"json={folders[1]}/report.json"
        with analyzing(wheel, sandbox, tracer, cache_directory, temporary, "-o", output) as process:
            said, _ = process.communicate(timeout=2 * SECONDS)
            assert process.returncode == 4, said
            assert "Traceback" not in said
            assert left_by(process.pid, [], temporary, client) == []
    assert told(report_in(folders[1]), f"{temporary} is full: make room there")


@as_root
@pytest.mark.parametrize(("sandbox", "tracer"), [PLACES[0], PLACES[3]])
def test_a_disk_that_is_full_at_the_start(
    sandbox: str,
    tracer: str,
    tmp_path: Path,
    folders: tuple[Path, Path],
    cache_directory: Path,
    request: pytest.FixtureRequest,
) -> None:
    client = engine_of(sandbox, request)
    with small_disk(tmp_path / "small", "64k") as temporary:
        output = f"json={folders[1]}/report.json"
        with analyzing(package(tmp_path), sandbox, tracer, cache_directory, temporary, "-o", output) as process:
            said, _ = process.communicate(timeout=2 * SECONDS)
            assert process.returncode == 3, said
            assert (
                f"the folder for temporary files {temporary} cannot be used: No space left on device"
                in said.splitlines()[-1]
            )
            assert OURS not in said
            assert left_by(process.pid, [], temporary, client) == []
    assert list(folders[1].iterdir()) == []


@as_root
@pytest.mark.parametrize(("options", "reason"), [((), "No space left on device"), (("ro",), "Read-only file system")])
def test_a_cache_that_takes_nothing(
    options: tuple[str, ...], reason: str, tmp_path: Path, folders: tuple[Path, Path]
) -> None:
    wheel = make_wheel(tmp_path, "large", modules={"large.py": f"WORDS = {os.urandom(300_000)!r}"})
    with small_disk(tmp_path / "small", "128k", *options) as cache:
        answer = subprocess.run(
            command(wheel, "embedded", "strace"),
            cwd=CHECKOUT, env=environment(cache, folders[0]), capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert answer.returncode == 3, answer.stderr
        assert f"the cache {cache} cannot be used: {reason}; make room there" in answer.stderr.splitlines()[-1]
        assert strays(cache) == []
    assert list(folders[0].iterdir()) == []


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory, cache_directory: Path) -> Path:
    """The record of a run, of which all outputs are made again without a sandbox."""
    folder = tmp_path_factory.mktemp("record")
    path = folder / "run.record"
    words = command(package(folder, 0.0), "embedded", "auto", "-q", "-o", f"record={path}")
    subprocess.run(words, cwd=CHECKOUT, env=environment(cache_directory, folder), check=True, timeout=SECONDS)
    return path


@as_root
def test_outputs_on_a_full_disk(record: Path, tmp_path: Path) -> None:
    """The old file stays, the other files are written, and the summary is there."""
    with small_disk(tmp_path / "small", "16k") as small:
        (small / "report.json").write_text("old")
        words = [
            "-o",
            f"json={small}/report.json",
            "-o",
            f"html={small}/report.html",
            "-o",
            f"events={tmp_path}/events.jsonl",
        ]
        answer = subprocess.run(
            [sys.executable, "-m", "analyzer", "analyze", str(record), *words],
            cwd=CHECKOUT, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert answer.returncode == 2, answer.stderr
        assert answer.stderr.splitlines()[-1].count("No space left on device; name a file in a directory") == 2
        assert "COMPLETE" in answer.stdout
        assert [path.name for path in small.iterdir()] == ["report.json"]
        assert (small / "report.json").read_text() == "old"
    assert (tmp_path / "events.jsonl").stat().st_size > 1000


def test_outputs_that_are_no_files(record: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "analyzer", "analyze", str(record), "-q", "-o"]

    def run(word: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([*words, word], cwd=CHECKOUT, capture_output=True, timeout=SECONDS, check=False)

    plain = run(f"json={tmp_path}/report.json")
    assert (plain.returncode, plain.stdout, plain.stderr) == (0, b"", b"")
    assert run("json=/dev/stdout").stdout == (tmp_path / "report.json").read_bytes()
    full = run("json=/dev/full")
    assert (full.returncode, b"No space left on device" in full.stderr, full.stderr.count(b"\n")) == (2, True, 1)
    named = tmp_path / "pipe"
    os.mkfifo(named)
    reading = subprocess.Popen(["cat", str(named)], stdout=subprocess.PIPE)
    assert run(f"json={named}").returncode == 0
    assert reading.communicate(timeout=SECONDS)[0] == (tmp_path / "report.json").read_bytes()


# ---- the cache -----------------------------------------------------------------------------------------------------


def damage(path: Path, number: int) -> None:
    """Does something to a file of the cache: another thing for each number."""
    content = path.read_bytes()
    path.unlink()
    match number % 6:
        case 0:
            path.write_bytes(content[: len(content) // 2])
        case 1:
            path.write_bytes(os.urandom(len(content)))
        case 2:
            path.write_bytes(content[:-3] + b"???")
        case 3:
            path.symlink_to("/etc/passwd")
        case 4:
            os.mkfifo(path)
        case _:
            path.write_bytes(b'{"of": "another version"}')


@pytest.mark.embedded
@pytest.mark.parametrize("first", range(2))
def test_a_cache_of_which_every_entry_is_damaged(first: int, tmp_path: Path, folders: tuple[Path, Path]) -> None:
    temporary, outputs = folders
    cache = tmp_path / "cache"
    wheel = package(tmp_path, 0.0)
    found = []
    for turn in range(2):
        with analyzing(
            wheel, "embedded", "strace", cache, temporary, "-q", "-o", f"json={outputs}/report.json"
        ) as process:
            said, _ = process.communicate(timeout=2 * SECONDS)
            assert (process.returncode, said) == (0, "")
        report = report_in(outputs)
        found.append([behavior["id"] for behavior in report["behaviors"]])  # type: ignore[attr-defined, index]
        assert strays(cache) == []
        if turn == 0:
            entries = sorted(path for path in cache.rglob("*") if path.is_file())
            assert {path.relative_to(cache).parts[0] for path in entries} == {
                "baselines-1",
                "files",
                "inspected-1",
                "interpreters",
            }
            for number, path in enumerate(entries, first):
                damage(path, number)
    assert found[0] == found[1]


@pytest.mark.docker
@pytest.mark.embedded
def test_analyses_of_one_package_at_once(
    tmp_path: Path, folders: tuple[Path, Path], docker_client: docker.DockerClient
) -> None:
    """With one cache, which is empty at first: four at a time, two in each sandbox."""
    temporary, outputs = folders
    cache = tmp_path / "cache"
    wheel = package(tmp_path, 0.0)
    places = [("embedded", "strace"), ("docker", "strace")] * 2
    started = []
    for number, place in enumerate(places):
        (outputs / str(number)).mkdir()
        words = command(wheel, *place, "-q", "-o", f"json={outputs}/{number}/report.json")
        environ = environment(cache, temporary)
        started.append(subprocess.Popen(words, cwd=CHECKOUT, env=environ, stderr=subprocess.PIPE, text=True))
    for one in started:
        _, said = one.communicate(timeout=3 * SECONDS)
        assert (one.returncode, said) == (0, "")
    reports = [report_in(outputs / str(number)) for number in range(len(places))]
    for first, second in ((0, 2), (1, 3)):
        assert len(reports[first]["behaviors"]) == len(reports[second]["behaviors"])  # type: ignore[arg-type]
    for one in started:
        assert left_by(one.pid, [], temporary, docker_client) == []
    assert strays(cache) == []
