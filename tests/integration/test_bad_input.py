"""Bad input: one clear line that names it and the remedy, the right exit code, and nothing left behind.

A package that fails is no bad input: it is reported, with its last words.
"""

from __future__ import annotations

import io
import json
import os
import pty
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import psutil
import pytest

import analyzer
from tests.packages import make_sdist, make_wheel

CHECKOUT = Path(analyzer.__file__).resolve().parents[1]
SANDBOXES = [pytest.param("embedded", marks=pytest.mark.embedded), pytest.param("docker", marks=pytest.mark.docker)]
EMBEDDED = ("--sandbox", "embedded")
NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent.sock"}
REFUSED, USAGE = 3, 2
HOSTILE = "a\x1b[31mb\nfumehood: c\r\x07\x9b2J\u202ed"
BOMB = "0" * (64 * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command line gave."""

    code: int
    stdout: str
    stderr: str
    pid: int


class CommandLine:
    """The real command line in a folder of its own, checked after each run for what it leaves."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self._temporary = folder / "temporary"
        self._temporary.mkdir(parents=True)
        unset = {"FUMEHOOD_INDEX_URL", "PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "NO_COLOR", "FORCE_COLOR"}
        own = {"FUMEHOOD_CACHE": str(cache), "PYTHONPATH": str(CHECKOUT), "TMPDIR": str(self._temporary)}
        self._environment = {name: value for name, value in os.environ.items() if name not in unset} | own

    def analyze(self, *words: str | bytes, **options: Any) -> Answer:
        """Runs `fumehood analyze`; options as `run` has them."""
        return self.run([sys.executable, "-m", "analyzer", "analyze", *words], **options)

    def run(
        self,
        command: Sequence[str | bytes],
        environment: Mapping[str, str] | None = None,
        stdout: int = subprocess.PIPE,
    ) -> Answer:
        """Runs any command as if it were the command line, with these changes to the environment."""
        process = subprocess.Popen(
            command, cwd=self.folder, env=self._environment | dict(environment or {}), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
        )  # fmt: skip
        with process:
            try:
                parts = process.communicate(timeout=60)
            finally:
                process.kill()
        assert self._left_by(process.pid) == []
        out, err = ((part or b"").decode("utf-8", "surrogateescape") for part in parts)
        return Answer(process.returncode, out, err, process.pid)

    def _left_by(self, pid: int) -> list[str]:
        left = [*map(str, self._temporary.iterdir()), *map(str, Path("/tmp").glob(f"fumehood-*-{pid}-*"))]
        for process in psutil.process_iter():
            try:
                if os.getsid(process.pid) == pid or f"-{pid}-" in " ".join(process.cmdline()):
                    left.append(f"process {process}")
            except (psutil.NoSuchProcess, ProcessLookupError):
                continue
        return left


@pytest.fixture
def fumehood(tmp_path: Path, cache_directory: Path) -> CommandLine:
    return CommandLine(tmp_path / "working", cache_directory)


@pytest.fixture
def no_container_left(docker_client: docker.DockerClient) -> Callable[[int], None]:
    """Checks that an analyzer's process left no container."""

    def check(pid: int) -> None:
        found = docker_client.containers.list(all=True, filters={"label": "fumehood.run"}, ignore_removed=True)
        assert [one.name for one in found if f"-{pid}-" in one.labels["fumehood.run"]] == []

    return check


def is_plain(text: str) -> bool:
    """Whether text can do nothing to a terminal but be seen."""
    return all(char.isprintable() or char == "\n" for char in text)


def assert_refused(answer: Answer, code: int, *words: str) -> None:
    """One line, free of control characters, that starts as all of ours do and has the words in it."""
    assert (answer.code, answer.stdout) == (code, ""), answer
    assert re.fullmatch("fumehood: [^\n]+\n", answer.stderr), answer
    assert is_plain(answer.stderr), answer
    assert len(answer.stderr) < 1200
    for word in words:
        assert word in answer.stderr, (word, answer.stderr)


# --- the index and the cache ---


@pytest.mark.index
@pytest.mark.embedded
@pytest.mark.parametrize(
    ("target", "words"),
    [("no-such-project-of-fumehood", ["check the spelling"]), ("six==99.0", ["the newest is 1."])],
)
def test_an_unknown_name_or_version(fumehood: CommandLine, target: str, words: list[str]) -> None:
    assert_refused(fumehood.analyze(target, "-q", *EMBEDDED), REFUSED, *target.split("=="), *words)


@pytest.mark.embedded
def test_no_index_reachable(fumehood: CommandLine, tmp_path: Path) -> None:
    with socket.socket() as bound:  # held and not listening: nobody else gets the port, and it refuses
        bound.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        settings = {"FUMEHOOD_INDEX_URL": f"http://user:secret@{address}/", "FUMEHOOD_CACHE": str(tmp_path / "empty")}
        answer = fumehood.analyze("six", "-q", *EMBEDDED, environment=settings)
    assert_refused(answer, REFUSED, f"http://{address}/", "six", "check the network")
    assert "secret" not in answer.stderr


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("FUMEHOOD_INDEX_URL", "file:///etc/passwd", ["file:///etc/passwd", "no http(s) address"]),
        ("FUMEHOOD_INDEX_URL", "http://[bad\x1b[31m", ["http://[bad", "no http(s) address"]),
        ("FUMEHOOD_CACHE", "/dev/null", ["/dev/null", "another folder"]),
    ],
)
@pytest.mark.embedded
def test_a_bad_setting(fumehood: CommandLine, variable: str, value: str, words: list[str]) -> None:
    answer = fumehood.analyze("six", "-q", *EMBEDDED, environment={variable: value})
    assert_refused(answer, REFUSED, variable, *words)


# --- files ---


def truncated(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[:-100])
    return path


def wheel_with(folder: Path, member: str, content: str = "") -> Path:
    return make_wheel(folder, "bad", modules={"bad.py": ""}, extra_files={member: content})


def twice(folder: Path) -> Path:
    """A wheel with two files of one name."""
    path = make_wheel(folder, "bad", modules={"bad.py": ""})
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("bad.py", "other")
    return path


def rotten(path: Path) -> Path:
    """The wheel with another checksum of its last member."""
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 16] ^= 0xFF
    path.write_bytes(data)
    return path


def sdist_with(folder: Path, name: str, content: bytes = b"", target: str = "", kind: bytes = tarfile.REGTYPE) -> Path:
    """An sdist with one member: a file or what else it is, or a symbolic link to the target."""
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname = len(content), tarfile.SYMTYPE if target else kind, target
    with tarfile.open(folder / "bad-1.0.tar.gz", "w:gz") as archive:
        archive.addfile(member, io.BytesIO(content))
    return folder / "bad-1.0.tar.gz"


def made_by(make: Callable[[Path], object], name: str) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        make(folder / name)
        return folder / name

    return made


def project_with_a_link_out(path: Path) -> None:
    path.mkdir()
    (path / "setup.py").touch()
    (path / "passwords").symlink_to("/etc/passwd")


FILES: dict[str, tuple[Callable[[Path], Path], list[str]]] = {
    "truncated-wheel": (lambda f: truncated(make_wheel(f, "bad")), ["damaged or truncated", "get it again"]),
    "truncated-sdist": (lambda f: truncated(make_sdist(f, "bad")), ["damaged or truncated", "get it again"]),
    "traversal-wheel": (lambda f: wheel_with(f, "../../evil"), ["outside its own folder", "../../evil", "you trust"]),
    "traversal-sdist": (lambda f: sdist_with(f, "bad-1.0/../../evil"), ["outside its own folder", "../../evil"]),
    "hostile-member": (lambda f: wheel_with(f, f"../{HOSTILE}"), ["outside its own folder", "a\\x1b[31mb\\n"]),
    "symlink-out": (
        lambda f: sdist_with(f, "bad-1.0/out", target="../../etc/passwd"),
        ["link that leaves its folder", "../../etc/passwd", "you trust"],
    ),
    "zip-bomb": (lambda f: wheel_with(f, "bomb", BOMB), ["200 times its size", "you trust"]),
    "tar-bomb": (lambda f: sdist_with(f, "bad-1.0/bomb", BOMB.encode()), ["200 times its size", "you trust"]),
    "two-of-one-name": (twice, ["two different files of one name", "bad.py", "you trust"]),
    "wrong-checksum": (lambda f: rotten(make_wheel(f, "bad")), ["damaged or truncated", "get it again"]),
    "another-name-inside": (
        lambda f: make_wheel(f, "good").rename(f / "bad-1.0-py3-none-any.whl"),
        ["no METADATA for its name", "get it again"],
    ),
    "device": (lambda f: sdist_with(f, "bad-1.0/null", kind=tarfile.CHRTYPE), ["a device, a pipe", "you trust"]),
    "metadata-of-megabytes": (
        lambda f: wheel_with(f, "bad-1.0.dist-info/METADATA", "Name: bad\n" + "".join(map(str, range(400_000)))),
        ["metadata file of more than 1 MiB", "you trust"],
    ),
    "unknown-kind": (made_by(Path.touch, "bad-1.0.tar.xz"), ["bad-1.0.tar.xz"]),
    "other-platform": (
        lambda f: make_wheel(f, "bad", tag="cp311-cp311-win_amd64"),
        ["cp311-cp311-win_amd64", "the sandbox has Python 3.", "another --python"],
    ),
    "no-project": (made_by(Path.mkdir, "empty"), ["no Python project", "pyproject.toml", "name the folder"]),
    "link-out-of-a-project": (made_by(project_with_a_link_out, "project"), ["passwords", "leaves the directory"]),
    "missing": (lambda f: f / "missing-1.0.tar.gz", ["does not exist", "check the path"]),
    "pipe": (made_by(os.mkfifo, "pipe-1.0-py3-none-any.whl"), ["neither a file nor a directory", "name a wheel"]),
    "endless-device": (lambda f: Path("/dev/zero"), ["neither a file nor a directory", "name a wheel"]),
    "file-system": (lambda f: Path("/"), ["no Python project", "name the folder"]),
}
"""By name: what makes the target, and words of the answer besides the target's own name."""


@pytest.mark.embedded
@pytest.mark.parametrize("name", FILES)
def test_a_bad_file(fumehood: CommandLine, tmp_path: Path, name: str) -> None:
    make, words = FILES[name]
    made = tmp_path / "made"
    made.mkdir()
    target = make(made)
    before = sorted(tmp_path.rglob("*"))
    assert_refused(fumehood.analyze(str(target), "-q", *EMBEDDED), REFUSED, target.name, *words)
    assert sorted(tmp_path.rglob("*")) == before


# --- words on the command line ---


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("target", "words"),
    [
        pytest.param("", ["names no package", "give a requirement"], id="empty"),
        pytest.param("six>=", ["six>=", "nor an existing wheel"], id="half-a-requirement"),
        pytest.param("https://a.example/x.whl", ["names a URL", "give its path"], id="url"),
        pytest.param(HOSTILE, ["a\\x1b[31mb\\nfumehood: c\\r\\x07\\x9b2J\\u202ed"], id="hostile-requirement"),
        pytest.param(f"./{HOSTILE}", ["a\\x1b[31mb\\nfumehood: c", "check the path"], id="hostile-path"),
        pytest.param(b"./\xff\xfe", ["\\udcff\\udcfe", "check the path"], id="not-utf-8"),
        pytest.param("a" * 100_000, ["longer than 4096", "give a requirement"], id="long"),
    ],
)
def test_a_bad_word_for_a_target(fumehood: CommandLine, target: str | bytes, words: list[str]) -> None:
    assert_refused(fumehood.analyze(target, "-q", *EMBEDDED), REFUSED, *words)


@pytest.mark.embedded
def test_a_target_longer_than_the_kernel_lets_through(fumehood: CommandLine) -> None:
    program = "import sys; from analyzer.cli import main; sys.argv[2:3] = ['a' * 1_000_000]; main()"
    answer = fumehood.run([sys.executable, "-c", program, "analyze", "", "-q", *EMBEDDED])
    assert_refused(answer, REFUSED, "longer than 4096", "give a requirement")


@pytest.mark.embedded
def test_progress_shows_no_control_characters_either(fumehood: CommandLine) -> None:
    answer = fumehood.analyze(f"./{HOSTILE}", *EMBEDDED)
    lines = answer.stderr.split("\n")
    assert is_plain(answer.stderr)
    assert [line.startswith("fumehood: ") for line in lines[-2:]] == [True, False]
    assert len(lines) > 2
    assert not any(line.startswith("fumehood: ") for line in lines[:-2])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--sandbox", "nonsense"], ["--sandbox nonsense", "auto, docker or embedded"]),
        (["--tracer", "nonsense"], ["--tracer nonsense", "auto, kernel or strace"]),
        ([*EMBEDDED, "--runtime", "runsc"], ["--runtime runsc", "docker"]),
        (["-o", "nonsense=x"], ["nonsense=x", "html", "json", "pcap"]),
        (["-o", "json"], ["FORMAT=PATH", "html", "json", "pcap"]),
        (["-o", "js\x1b[31m\non=x"], ["js\\x1b[31m\\non=x", "html", "json", "pcap"]),
        (["-o", "json=missing/report.json"], ["json=missing/report.json", "does not exist; make it first"]),
        (["-o", "json=."], ["json=.", "is a folder; name a file in it"]),
        (["-o", "json=/proc/report.json"], ["/proc/report.json", "name a file in a directory that you may write to"]),
        (["-o", "json=same", "-o", "html=same"], ["html=same", "the same path; name another one"]),
    ],
)
def test_a_bad_option_is_refused_before_anything_runs(
    fumehood: CommandLine, tmp_path: Path, words: list[str], expected: list[str]
) -> None:
    cache = tmp_path / "untouched"
    assert_refused(fumehood.analyze("six", *words, environment={"FUMEHOOD_CACHE": str(cache)}), USAGE, *expected)
    assert not cache.exists()
    assert [path.name for path in fumehood.folder.iterdir()] == ["temporary"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "Missing argument 'TARGET'"),
        (["six", "--nonsense"], "No such option: --nonsense"),
        (["six", "--\x1b[31mx"], "No such option: --\\x1b[31mx"),
        (["six", "--timeout", "inf"], "'--timeout'"),
        (["six", "--memory", "9" * 30], "'--memory'"),
    ],
)
def test_a_usage_error(fumehood: CommandLine, words: list[str], expected: str) -> None:
    answer = fumehood.analyze(*words)
    assert (answer.code, answer.stdout) == (USAGE, "")
    assert is_plain(answer.stderr)
    assert expected in answer.stderr
    assert "--help" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_command_without_arguments_and_its_version(fumehood: CommandLine) -> None:
    script = shutil.which("fumehood", path=str(Path(sys.executable).parent))
    assert script, "the project is not installed in this environment"
    bare = fumehood.run([script])
    assert bare.code == USAGE
    assert re.search(r"Usage: .*analyze .*doctor ", bare.stdout + bare.stderr, re.DOTALL)
    version = fumehood.run([sys.executable, "-m", "analyzer", "--version"])
    assert version == Answer(0, f"fumehood {analyzer.__version__}\n", "", version.pid)


# --- the machine ---


@pytest.mark.embedded
@pytest.mark.parametrize("python", ["2.7", "3.4", "9.9", "nonsense", "/nonexistent/python", "/bin/true"])
def test_an_interpreter_that_is_not_there_or_not_supported(fumehood: CommandLine, python: str) -> None:
    answer = fumehood.analyze("six", *EMBEDDED, "--python", python)
    assert_refused(answer, REFUSED, "--python", Path(python).name)


@pytest.mark.docker
@pytest.mark.parametrize(
    ("words", "expected"),
    [(["--python", "9.9"], "--sandbox embedded"), (["--runtime", "nonsense"], "the engine has only ")],
)
def test_what_the_engine_does_not_have(
    fumehood: CommandLine, words: list[str], expected: str, no_container_left: Callable[[int], None]
) -> None:
    answer = fumehood.analyze("six", "--sandbox", "docker", "-q", *words)
    assert_refused(answer, REFUSED, " ".join(words), expected)
    no_container_left(answer.pid)


@pytest.mark.embedded
@pytest.mark.parametrize(("missing", "package"), [("bwrap", "bubblewrap"), ("strace", "strace")])
def test_a_missing_tool(fumehood: CommandLine, tmp_path: Path, missing: str, package: str) -> None:
    for tool in {"bwrap", "strace", "setpriv"} - {missing}:
        found = shutil.which(tool)
        assert found
        (tmp_path / tool).symlink_to(found)
    answer = fumehood.analyze("six", *EMBEDDED, "--tracer", "strace", environment={"PATH": str(tmp_path)})
    assert_refused(answer, REFUSED, missing, f"apt-get install {package}")


def test_a_stopped_engine(fumehood: CommandLine) -> None:
    answer = fumehood.analyze("six", "--sandbox", "docker", environment=NO_ENGINE)
    assert_refused(answer, REFUSED, "Docker engine", "start it", "--sandbox embedded")


# --- where the answer goes ---


@pytest.fixture
def quiet_wheel(tmp_path: Path) -> str:
    return str(make_wheel(tmp_path, "quiet", modules={"quiet.py": ""}))


@pytest.mark.embedded
def test_without_an_engine_auto_is_embedded(fumehood: CommandLine, quiet_wheel: str) -> None:
    answer = fumehood.analyze(quiet_wheel, "-q", "-o", "json=report.json", environment=NO_ENGINE)
    assert answer == Answer(0, "", "", answer.pid)
    assert json.loads((fumehood.folder / "report.json").read_text())["sandbox"]["backend"] == "embedded"


@pytest.mark.embedded
def test_a_full_device_for_the_summary(fumehood: CommandLine, quiet_wheel: str) -> None:
    with Path("/dev/full").open("wb") as full:
        answer = fumehood.analyze(quiet_wheel, *EMBEDDED, stdout=full.fileno())
    assert answer.code == USAGE
    assert answer.stderr.splitlines()[-1].startswith(
        "fumehood: standard output cannot be written (No space left on device)"
    )
    assert "Traceback" not in answer.stderr


@pytest.mark.embedded
def test_a_reader_who_has_seen_enough(fumehood: CommandLine, quiet_wheel: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    answer = fumehood.analyze(quiet_wheel, *EMBEDDED, stdout=writing)
    os.close(writing)
    assert answer.code == 0, answer
    assert "rror" not in answer.stderr


# --- packages that fail, or that wish the reader ill ---

HOSTILE_MODULE = r"""
import os, sys
forged = "\x1b[2J\x1b[Hhostile 1.0 COMPLETE\r\x9b31m\x1b]0;title\x07" + chr(0x202e) + "\n"
sys.stdout.write(forged)
sys.stderr.buffer.write(b"\xff\x00" + forged.encode())
open(os.path.expanduser("~/" + forged.replace("/", "")[:40]), "w").close()
os.system("printf '\x1b[2J'")
raise RuntimeError("last words of \x1b[31mhostile")
"""


def analyzed(fumehood: CommandLine, target: Path, sandbox: str) -> tuple[dict[str, Any], str]:
    """The report and the summary of an analysis that is complete."""
    answer = fumehood.analyze(str(target), "--sandbox", sandbox, "-o", "json=report.json")
    assert answer.code == 0, answer
    assert is_plain(answer.stdout + answer.stderr)
    report = json.loads((fumehood.folder / "report.json").read_text(encoding="utf-8"))
    assert report["completeness"]["status"] == "complete", report["completeness"]
    return report, " ".join(answer.stdout.split())


def failure(report: dict[str, Any], phase: str) -> str:
    """What the report says of a phase that failed."""
    result = next(result for result in report["phases"] if result["name"] == phase)
    assert result["status"] == "failed", report["phases"]
    (behavior,) = [behavior for behavior in report["behaviors"] if behavior["id"] == "anomaly.run.fail"]
    assert behavior["phases"] == [phase]
    return str(result["detail"])


@pytest.mark.index
@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_build_that_fails_is_reported(fumehood: CommandLine, tmp_path: Path, sandbox: str) -> None:
    sdist = make_sdist(tmp_path, "failing", setup_py="raise RuntimeError('last words of the build')")
    report, summary = analyzed(fumehood, sdist, sandbox)
    assert "RuntimeError: last words of the build" in failure(report, "install")
    assert "RuntimeError: last words of the build" in summary
    assert [phase["status"] for phase in report["phases"][2:]] == ["skipped", "skipped"]


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_an_import_that_raises_and_hostile_output(fumehood: CommandLine, tmp_path: Path, sandbox: str) -> None:
    wheel = make_wheel(tmp_path, "hostile", modules={"hostile.py": HOSTILE_MODULE})
    report, summary = analyzed(fumehood, wheel, sandbox)
    assert "RuntimeError: last words of \x1b[31mhostile" in failure(report, "import")
    assert r"RuntimeError: last words of \x1b[31mhostile" in summary
    assert {"file.open", "execution.shell.run"} <= {behavior["id"] for behavior in report["behaviors"]}
    assert any("\x1b[2J" in change["path"] for change in report["files"]["created"])


@pytest.mark.embedded
@pytest.mark.parametrize("colour", [True, False])
def test_a_narrow_terminal(fumehood: CommandLine, tmp_path: Path, colour: bool) -> None:
    wheel = make_wheel(tmp_path, "hostile", modules={"hostile.py": HOSTILE_MODULE})
    ours, theirs = pty.openpty()
    settings = {"COLUMNS": "40", "TERM": "xterm-256color"} | ({} if colour else {"NO_COLOR": "1"})
    # The pseudo-terminal holds more than this summary for a reader that comes late.
    answer = fumehood.analyze(str(wheel), *EMBEDDED, stdout=theirs, environment=settings)
    os.close(theirs)
    shown = read_all(ours).replace("\r\n", "\n")
    assert answer.code == 0, answer
    styles = re.findall(r"\x1b\[([0-9;]*)m", shown)
    assert any(re.fullmatch(r"(\d+;)*[34]\d", style) for style in styles) is colour
    text = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert is_plain(text)
    assert "COMPLETE" in text
    assert max(map(len, text.split("\n"))) <= int(settings["COLUMNS"])


def read_all(terminal: int) -> str:
    """What stands in a pseudo-terminal that has no writer any more."""
    content = b""
    with open(terminal, "rb", buffering=0) as stream:
        try:
            while chunk := stream.read(65536):
                content += chunk
        except OSError:  # how Linux tells the end
            return content.decode()
    return content.decode()
