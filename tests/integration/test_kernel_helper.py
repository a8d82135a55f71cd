"""The tracer in the kernel in a container of its own, which an ordinary user of the engine may have."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer.errors import SandboxError
from analyzer.sandbox.docker import engine
from analyzer.sandbox.docker.helper import ContainerTracer
from analyzer.sandbox.docker.images import ensure_images
from analyzer.sandbox.kernel import calls
from analyzer.trace.kernellog import read
from tests.integration.kernel_log import CHECKOUT, built

if TYPE_CHECKING:
    from collections.abc import Iterator

    import docker
    from docker.models.containers import Container

pytestmark = [
    pytest.mark.docker,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not Path("/sys/kernel/btf/vmlinux").exists(), reason="this kernel has no types (BTF)"),
]

SCRIPT = "import time; time.time(); open('/etc/hostname').read(); print('done')"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("kernel"))


@pytest.fixture(scope="module")
def image(docker_client: docker.DockerClient) -> str:
    return ensure_images(docker_client, print).internet


@contextmanager
def waiting(client: docker.DockerClient, image: str) -> Iterator[Container]:
    """A container of which nothing runs before its gate is opened."""
    command = ["sh", "-c", 'while [ ! -e /tmp/go ]; do sleep 0.02; done; exec "$@"', "sh", "python3", "-c", SCRIPT]
    with engine.removing(client) as token:
        container = engine.create(client, token, image, command, network_mode="none", user="1000:1000")
        container.start()
        container.reload()
        yield container


def record(tracer: ContainerTracer, client: docker.DockerClient, image: str, log: Path) -> list[str]:
    """Records a container; gives the calls as words, and what clocks are watched."""
    with waiting(client, image) as container:
        pid = container.attrs["State"]["Pid"]
        found = tracer.namespaces(pid)
        recording = tracer.watch(found.pid, log, found.network)
        container.exec_run(["touch", "/tmp/go"])
        assert container.wait(timeout=60)["StatusCode"] == 0
        account = tracer.unwatch(recording)
    assert (account.lost, account.failure) == (0, "")
    assert account.records > 100
    return [str(item) for item in read([log.read_bytes()])]


def test_a_process_in_another_container_is_recorded(
    docker_client: docker.DockerClient, image: str, program: Path, tmp_path: Path
) -> None:
    with ContainerTracer(docker_client, image, program, calls.entries(*calls.recorded())) as tracer:
        items = record(tracer, docker_client, image, tmp_path / "log")
    assert any("name='execve'" in item and "b'python3'" in item for item in items)
    assert any("name='openat'" in item and "b'/etc/hostname'" in item for item in items)
    assert any("name='write'" in item and "b'done\\n'" in item for item in items)


AS_USER = """
import sys
from pathlib import Path
import docker
from tests.integration.test_kernel_helper import ContainerTracer, calls, record
client = docker.from_env()
program, image, log = sys.argv[1:]
with ContainerTracer(client, image, Path(program), calls.entries(*calls.recorded())) as tracer:
    items = record(tracer, client, image, Path(log))
client.close()
print(len(items), sum("hostname" in item for item in items))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_an_ordinary_user_of_the_engine_has_it_too(image: str, program: Path, tmp_path: Path) -> None:
    listening = Path(engine.engine_address().removeprefix("unix://"))
    user = ["setpriv", "--reuid", "65534", "--regid", str(listening.stat().st_gid), "--clear-groups"]
    if subprocess.run(
        [*user, sys.executable, "-c", "import docker, tests"], cwd=CHECKOUT, capture_output=True
    ).returncode:
        pytest.skip("the interpreter or the checkout stands where other users may not go")
    own_folders = [folder for folder in tmp_path.parents if folder.name.startswith(("pytest-", "popen-"))]
    for folder in (tmp_path, *own_folders, program.parent):
        folder.chmod(0o711)
    os.chown(tmp_path, 65534, 65534)
    (tmp_path / "tmp").mkdir()
    os.chown(tmp_path / "tmp", 65534, 65534)
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), "HOME": str(tmp_path)}
    command = [*user, sys.executable, "-B", "-c", AS_USER, program, image, tmp_path / "log"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, env=environment, timeout=300)
    assert done.stderr == ""
    items, named = map(int, done.stdout.split())
    assert items > 50
    assert named > 0
    assert (tmp_path / "log").stat().st_uid == 65534
    assert list((tmp_path / "tmp").iterdir()) == []


def test_it_has_the_least_rights(docker_client: docker.DockerClient, image: str, program: Path) -> None:
    with ContainerTracer(docker_client, image, program, {}):
        container = own(docker_client)
        host = container.attrs["HostConfig"]
        status = Path(f"/proc/{container.attrs['State']['Pid']}/status").read_text()
    assert host["CapDrop"] == ["ALL"]
    added = sorted(name.removeprefix("CAP_") for name in host["CapAdd"])
    assert added in (["BPF", "PERFMON", "SYS_PTRACE"], ["SYS_ADMIN", "SYS_PTRACE"])
    assert (host["Privileged"], host["ReadonlyRootfs"], host["NetworkMode"]) == (False, True, "none")
    assert all(mount["RW"] is False for mount in container.attrs["Mounts"])
    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status


def own(client: docker.DockerClient) -> Container:
    """The container of the tracer that this process started last."""
    name = f"fumehood-.*-{os.getpid()}-.*-tracer"
    return client.containers.list(filters={"name": name})[0]


def test_a_clock_in_a_container_is_watched_or_its_lack_told(
    docker_client: docker.DockerClient, image: str, program: Path
) -> None:
    with ContainerTracer(docker_client, image, program, {}) as tracer, waiting(docker_client, image) as container:
        folder = f"{os.uname().machine}-linux-gnu"
        watched = tracer.watch_clock(Path(f"/proc/{container.attrs['State']['Pid']}/root/usr/lib/{folder}/libc.so.6"))
        assert ("clock_gettime" in watched) != ("libc_clock_gettime" in tracer.missing)
        with pytest.raises(SandboxError, match="cannot find the time functions of /etc/passwd"):
            tracer.watch_clock(Path("/etc/passwd"))


def test_what_it_cannot_load_is_told(docker_client: docker.DockerClient, image: str, tmp_path: Path) -> None:
    (tmp_path / "damaged").write_bytes(b"nothing")
    with pytest.raises(
        SandboxError, match=r"^the kernel tracer cannot read /opt/tracer\.bpf\.o: .*; use --tracer strace"
    ):
        ContainerTracer(docker_client, image, tmp_path / "damaged", {})
    assert left(docker_client) == []


def test_an_image_that_lacks_everything_is_told(docker_client: docker.DockerClient, program: Path) -> None:
    said = r"^the kernel tracer's container does not start \(.*\): run as root, or use --tracer strace$"
    with pytest.raises(SandboxError, match=said):
        ContainerTracer(docker_client, "fumehood-none:absent", program, {})
    assert left(docker_client) == []


def test_a_container_that_ends_in_mid_run_is_told(
    docker_client: docker.DockerClient, image: str, program: Path, tmp_path: Path
) -> None:
    with ContainerTracer(docker_client, image, program, calls.entries(["openat"])) as tracer:
        recording = tracer.watch(1, tmp_path / "log")
        own(docker_client).kill()
        account = tracer.unwatch(recording)
        assert account.failure.startswith("the kernel tracer does not answer any more (")
        with pytest.raises(SandboxError, match="does not answer any more"):
            tracer.namespaces(os.getpid())
    assert left(docker_client) == []


def left(client: docker.DockerClient) -> list[Container]:
    """The containers that this process made."""
    return client.containers.list(all=True, filters={"name": f"fumehood-.*-{os.getpid()}-"})


def test_it_ends_with_an_analyzer_that_is_killed(docker_client: docker.DockerClient, image: str, program: Path) -> None:
    script = f"""
import time
from pathlib import Path
import docker
from analyzer.sandbox.docker.helper import ContainerTracer
tracer = ContainerTracer(docker.from_env(), {image!r}, Path({str(program)!r}), {{}})
print("loaded", flush=True); time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=CHECKOUT)
    assert process.stdout
    assert process.stdout.readline() == b"loaded\n"
    (container,) = docker_client.containers.list(filters={"name": f"fumehood-.*-{process.pid}-.*-tracer"})
    process.kill()
    process.wait()
    process.stdout.close()
    assert container.wait(timeout=60)["StatusCode"] == 0
    engine.sweep(docker_client)
    assert docker_client.containers.list(all=True, filters={"id": container.id}) == []
