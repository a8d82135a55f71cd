"""`--runtime`: one line that tells why where the engine has no such runtime, or the sandbox does not start with it."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest

from analyzer.acquire import Cache, SimpleIndex
from analyzer.errors import SandboxError
from analyzer.pipeline import Options, analyze
from analyzer.sandbox.docker.images import ENGINE_ERRORS
from tests.packages import make_wheel

pytestmark = pytest.mark.docker


def has(runtime: str) -> bool:
    """Whether the engine has it."""
    try:
        client = docker.from_env(timeout=10)
    except ENGINE_ERRORS:
        return False
    try:
        return runtime in (client.info().get("Runtimes") or {})
    finally:
        client.close()


def failure(runtime: str, tmp_path: Path, cache_directory: Path) -> str:
    wheel = make_wheel(tmp_path, "quiet", modules={"quiet.py": ""})
    cache = Cache(cache_directory)
    with pytest.raises(SandboxError) as raised:
        analyze(
            str(wheel), Options(sandbox="docker", runtime=runtime), cache, SimpleIndex(cache), lambda stage: None, print
        )
    return str(raised.value)


def test_a_runtime_that_the_engine_has_not(tmp_path: Path, cache_directory: Path) -> None:
    said = failure("absent", tmp_path, cache_directory)
    assert said.startswith("--runtime absent: the engine has only ")
    assert said.endswith("runc: add it to the engine's daemon.json, or leave the option out") or "runc" in said
    assert "\n" not in said


@pytest.mark.skipif(not has("runsc"), reason="the engine has no gVisor as a runtime of the name runsc")
def test_a_runtime_in_which_the_sandbox_does_not_start(tmp_path: Path, cache_directory: Path) -> None:
    """gVisor of Debian 12 takes no part in another container's network on kernels of today, and lacks calls that the supervisor needs."""
    said = failure("runsc", tmp_path, cache_directory)
    assert said.startswith("the docker sandbox does not start with --runtime runsc (")
    assert said.endswith("): try the engine's own runtime")
    assert "\n" not in said
    assert len(said) < 600
