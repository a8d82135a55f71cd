"""`fumehood vet`: lists with everything that may stand in them, in the real sandbox, through the real command."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from analyzer.model.vetting import VettedPackage, Vetting
from analyzer.store.reports import load_report
from tests.integration.lifecycle import SECONDS, left_by, still_running
from tests.integration.vetting import environment, offer, running_a_package, vet, vetting, workers_of
from tests.packages import make_wheel
from tests.unit.acquire.serving import Server

pytestmark = pytest.mark.embedded

THIEF = "import os\nopen(os.path.expanduser('~/.ssh/id_ed25519')).read()\n"
ASLEEP = "import subprocess\nsubprocess.run(['sleep', '1000'])\n"
POLICY = '[policy]\ndefaults = false\n[[policy.rules]]\ndo = "reject"\nbehavior = ["steal.*"]\nbecause = "theft"\n'


@dataclass(frozen=True)
class Bench:
    """A folder with lists, and the settings under which the command runs there."""

    folder: Path
    settings: dict[str, str]
    betrayed: Path

    @property
    def temporary(self) -> Path:
        return Path(self.settings["TMPDIR"])

    def vet(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return vet(self.folder, self.settings, *words)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, cache_directory: Path) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("vet")
    wheels, temporary, site = folder / "wheels", folder / "temporary", folder / "venv/lib/python3.11/site-packages"
    for one in (wheels, temporary, site):
        one.mkdir(parents=True)
    betrayed = folder / "betrayed"
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = {
        "good": make_wheel(wheels, "good", "1.0", {"good.py": "def add(a, b):\n    return a + b\n"}),
        "better": make_wheel(wheels, "good", "2.0", {"good.py": ""}),
        "thief": make_wheel(wheels, "thief", "1.0", {"thief.py": THIEF}),
        "traitor": make_wheel(wheels, "traitor", "1.0", {"traitor.py": f"open({str(betrayed)!r}, 'w').close()\n"}),
    }
    with zipfile.ZipFile(made["traitor"]) as archive:
        archive.extractall(site)
    (site / "traitor.pth").write_text("import traitor\n")
    for name in ("good", "thief", "traitor"):
        offer(server, made[name])
    digest = hashlib.sha256(made["good"].read_bytes()).hexdigest()
    (folder / "requirements.txt").write_text(
        f"--index-url https://user:secret@index.example/simple\ngood==1.0 --hash=sha256:{digest}\n-r more.txt\n"
    )
    (folder / "more.txt").write_text(
        "unheard-of==1.0\nthief==1.0 --hash=sha256:" + "0" * 64 + "\nthief ; python_version < '3'\n"
        "https://files.example/x-1.0-py3-none-any.whl\n-e ./here\nGOOD == 1.0 --hash=sha256:"
        + digest
        + "\n-c limits.txt\n"
    )
    (folder / "lenient.toml").write_text("[policy]\ndefaults = false\n")
    (folder / "strict.toml").write_text(POLICY)
    (folder / "limits.txt").write_text("good<2\n")
    (folder / "pylock.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "tests"\n[[packages]]\nname = "good"\nversion = "1.0"\n'
        f'wheels = [{{ name = "good-1.0-py3-none-any.whl", url = "https://files.example/", hashes = {{ sha256 = "{digest}" }} }}]\n'
    )
    yield Bench(folder, environment(cache_directory, temporary, server.url), betrayed)
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def first(bench: Bench) -> subprocess.CompletedProcess[str]:
    """All lists at once, everything run anew."""
    words = (
        "-r",
        "requirements.txt",
        "pylock.toml",
        "--environment",
        "venv",
        "--fresh",
        "--policy",
        "lenient.toml",
        "-o",
        "json=all.json",
        "-o",
        "folder=out",
    )
    return bench.vet(*words)


def packages(bench: Bench, name: str = "all.json") -> dict[str, VettedPackage]:
    found = Vetting.model_validate_json((bench.folder / name).read_bytes())
    return {one.target: one for one in found.packages}


def test_what_can_be_analysed_is_and_the_rest_is_told(first: subprocess.CompletedProcess[str], bench: Bench) -> None:
    assert first.returncode == 4, first.stderr
    found = packages(bench)
    assert {target: one.standing for target, one in found.items()} == {
        "good==1.0": "complete",
        "traitor==1.0": "complete",
        "unheard-of==1.0": "not analysed",
        "thief==1.0": "not analysed",
        "thief": "not wanted",
        "more.txt, line 4": "not analysed",
        "more.txt, line 5": "not analysed",
    }
    assert "does not list" in found["thief==1.0"].error
    assert "no project named unheard-of" in found["unheard-of==1.0"].error
    assert found["good==1.0"].places == ["pylock.toml, package 1", "requirements.txt, line 2", "more.txt, line 6"]


def test_nothing_of_an_environment_is_run_or_imported(first: subprocess.CompletedProcess[str], bench: Bench) -> None:
    report = packages(bench)["traitor==1.0"].report
    assert report is not None
    assert report.package.name == "traitor"
    assert not bench.betrayed.exists()


def test_the_summary_tells_all_of_it_and_no_password(first: subprocess.CompletedProcess[str]) -> None:
    told = first.stdout
    assert told.splitlines()[0].startswith("REVIEW  7 packages: 2 APPROVE, 4 not analysed and 1 not wanted here")
    assert "--index-url is passed over" in told
    assert "secret" not in told + first.stderr
    assert "Traceback" not in first.stderr
    assert "[5/5]" in first.stderr


def test_each_package_has_reports_of_its_own(first: subprocess.CompletedProcess[str], bench: Bench) -> None:
    names = sorted(path.name for path in (bench.folder / "out").iterdir())
    assert names == ["good-1.0.html", "good-1.0.json", "traitor-1.0.html", "traitor-1.0.json"]
    verdict = load_report(bench.folder / "out" / "good-1.0.json").verdict
    assert verdict is not None
    assert verdict.decision == "APPROVE"


def test_nothing_is_left(first: subprocess.CompletedProcess[str], bench: Bench) -> None:
    assert list(bench.temporary.iterdir()) == []


def test_what_was_analysed_is_used_again_and_judged_anew(first: subprocess.CompletedProcess[str], bench: Bench) -> None:
    words = ("good==1.0", "thief", "out/traitor-1.0.json", "--policy", "strict.toml", "-o", "json=again.json")
    ended = bench.vet(*words)
    assert ended.returncode == 10, ended.stdout + ended.stderr
    found = packages(bench, "again.json")
    assert {target: (one.decision, one.reused) for target, one in found.items()} == {
        "thief": ("REJECT", False),
        "good==1.0": ("APPROVE", True),
        "out/traitor-1.0.json": ("APPROVE", False),
    }
    assert found["good==1.0"].report == load_report(bench.folder / "out" / "good-1.0.json").model_copy(
        update={"verdict": found["good==1.0"].report.verdict}  # type: ignore[union-attr]
    )


def test_nothing_analysed_is_no_success(bench: Bench) -> None:
    ended = bench.vet("unheard-of==1.0")
    assert ended.returncode == 3
    assert ended.stdout.startswith("NO VERDICT")


@pytest.fixture
def asleep(bench: Bench) -> list[Path]:
    """Two packages that are at work for as long as they are let."""
    return [make_wheel(bench.folder, name, modules={f"{name}.py": ASLEEP}) for name in ("asleep1", "asleep2")]


def left(bench: Bench, pids: list[int], tree: list) -> list[str]:
    return [one for pid in pids for one in left_by(pid, tree, bench.temporary, None)]


def test_an_interrupt_ends_all_and_leaves_nothing(bench: Bench, asleep: list[Path]) -> None:
    with vetting(bench.folder, bench.settings, *asleep, "--jobs", "2", "--fresh") as process:
        tree = running_a_package(process, 2)
        pids = [process.pid, *(one.pid for one in workers_of(process))]
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 128 + signal.SIGINT, said
    assert said.splitlines()[-1] == "fumehood: interrupted, nothing left behind"
    assert "Traceback" not in said
    assert left(bench, pids, tree) == []


def test_after_a_kill_nothing_runs_on_and_what_was_done_is_used_again(bench: Bench, asleep: list[Path]) -> None:
    quick = make_wheel(bench.folder, "quick", modules={"quick.py": "def one():\n    return 1\n"})
    with vetting(bench.folder, bench.settings, quick, asleep[0], "--jobs", "1") as process:
        tree = running_a_package(process, 1)
        pids = [process.pid, *(one.pid for one in workers_of(process))]
        process.kill()
        process.wait()
        assert still_running(tree) == []
    ended = bench.vet(quick, "-o", "json=-")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["numbers"]["reused"] == 1
    assert left(bench, pids, tree) == []


def test_a_worker_that_is_killed_costs_one_package(bench: Bench, asleep: list[Path]) -> None:
    with vetting(
        bench.folder, bench.settings, asleep[0], "good==1.0", "--jobs", "1", "-o", "json=killed.json"
    ) as process:
        tree = running_a_package(process, 1)
        (worker,) = workers_of(process)
        worker.kill()
        said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 4, said
    found = packages(bench, "killed.json")
    assert found["good==1.0"].standing == "complete"
    assert "signal SIGKILL" in found[str(asleep[0])].error
    assert still_running(tree) == []
    assert left(bench, [process.pid, worker.pid], tree) == []
