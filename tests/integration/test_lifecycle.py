"""Nothing remains: after a run, a failure, a signal at any moment, or the analyzer's sudden death."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import docker
import pytest

from tests.integration.analysing import everywhere
from tests.integration.lifecycle import SECONDS, analyzing, left_by, still_running, tree_of, wait_for
from tests.packages import make_wheel


@pytest.fixture
def sleeper(tmp_path: Path) -> Path:
    """A wheel with a module that never ends to be imported, and with a process of its own that survives it."""
    module = "import os, time\nif os.fork() == 0:\n    os.setsid()\ntime.sleep(1000)\n"
    return make_wheel(tmp_path, "sleeper", modules={"sleeper.py": module})


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The place of temporary files for the analyzers of one test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def client(request: pytest.FixtureRequest) -> docker.DockerClient | None:
    """The engine, for the tests that use it."""
    sandbox = request.node.callspec.params["sandbox"]
    return request.getfixturevalue("docker_client") if sandbox == "docker" else None


MOMENTS = [
    pytest.param("resolving", signal.SIGINT, 0.0, id="interrupt-at-start"),
    pytest.param("resolving", signal.SIGTERM, 0.35, id="terminate-while-starting"),
    pytest.param("installing", signal.SIGINT, 0.0, id="interrupt-at-install"),
    pytest.param("importing", signal.SIGTERM, 0.3, id="terminate-at-import"),
    pytest.param("importing", signal.SIGINT, 0.0, id="interrupt-at-import"),
    pytest.param("reading the captured packets", signal.SIGHUP, 0.0, id="hang-up-at-the-end"),
]


@everywhere
@pytest.mark.parametrize(("stage", "number", "delay"), MOMENTS)
def test_a_signal_leaves_nothing(
    stage: str,
    number: signal.Signals,
    delay: float,
    sandbox: str,
    tracer: str,
    sleeper: Path,
    temporary: Path,
    cache_directory: Path,
    client: docker.DockerClient | None,
) -> None:
    with analyzing(sleeper, sandbox, tracer, cache_directory, temporary, "--timeout", "3") as process:
        wait_for(process, stage)
        time.sleep(delay)  # to be somewhere in that stage; where exactly must not matter
        tree = tree_of(process.pid, client)
        process.send_signal(number)
        said, _ = process.communicate(timeout=SECONDS)
        assert process.returncode == 128 + number, said
        assert said.splitlines()[-1] == "fumehood: interrupted, nothing left behind"
        assert left_by(process.pid, tree, temporary, client) == []


@everywhere
def test_an_impatient_user_does_not_stop_the_cleaning(
    sandbox: str, tracer: str, sleeper: Path, temporary: Path, cache_directory: Path, client: docker.DockerClient | None
) -> None:
    with analyzing(sleeper, sandbox, tracer, cache_directory, temporary) as process:
        wait_for(process, "importing")
        tree = tree_of(process.pid, client)
        for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            process.send_signal(number)
        process.communicate(timeout=SECONDS)
        assert process.returncode in {128 + signal.SIGINT, 128 + signal.SIGTERM}
        assert left_by(process.pid, tree, temporary, client) == []


@everywhere
def test_what_a_killed_analyzer_leaves_ends_by_itself_and_goes_with_the_next_one(
    sandbox: str, tracer: str, sleeper: Path, temporary: Path, cache_directory: Path, client: docker.DockerClient | None
) -> None:
    with analyzing(sleeper, sandbox, tracer, cache_directory, temporary) as process:
        wait_for(process, "importing")
        tree = tree_of(process.pid, client)
        process.kill()
        process.wait()
        assert still_running(tree) == []
    assert list(temporary.iterdir()), "the folders of a killed analyzer are gone: this test shows nothing"
    # One that still runs loses nothing to the one that sweeps.
    with analyzing(sleeper, sandbox, tracer, cache_directory, temporary, "--timeout", "30") as living:
        wait_for(living, "importing")
        with analyzing(sleeper, sandbox, tracer, cache_directory, temporary, "--timeout", "3") as sweeping:
            said, _ = sweeping.communicate(timeout=SECONDS)
            assert sweeping.returncode == 4, said
        assert living.poll() is None, "the analysis that lives is over: this test shows nothing"
        assert {path.name.split("-")[2] for path in temporary.iterdir()} == {str(living.pid)}
        living.terminate()
        said, _ = living.communicate(timeout=SECONDS)
        assert "nothing left behind" in said
    assert left_by(process.pid, tree, temporary, client) == []
    assert left_by(living.pid, [], temporary, client) == []


@everywhere
def test_a_run_leaves_nothing(
    sandbox: str,
    tracer: str,
    temporary: Path,
    tmp_path: Path,
    cache_directory: Path,
    client: docker.DockerClient | None,
) -> None:
    wheel = make_wheel(tmp_path, "quiet", modules={"quiet.py": ""})
    with analyzing(wheel, sandbox, tracer, cache_directory, temporary) as process:
        wait_for(process, "importing")
        tree = tree_of(process.pid, client)
        said, _ = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, said
        assert left_by(process.pid, tree, temporary, client) == []


@everywhere
def test_a_failure_in_mid_run_leaves_nothing(
    sandbox: str, tracer: str, sleeper: Path, temporary: Path, cache_directory: Path, client: docker.DockerClient | None
) -> None:
    with analyzing(sleeper, sandbox, tracer, cache_directory, temporary) as process:
        wait_for(process, "importing")
        tree = tree_of(process.pid, client)
        supervisor = next(one for one in tree if "hood" in one.cmdline() and one.name().startswith("python"))
        supervisor.kill()
        said, _ = process.communicate(timeout=SECONDS)
        assert process.returncode == 4, said
        assert "supervisor ended" in said
        assert "Traceback" not in said
        assert left_by(process.pid, tree, temporary, client) == []
