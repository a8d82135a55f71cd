from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from analyzer.sandbox.docker.images import NAMES, Images, ensure_images, image_tag

if TYPE_CHECKING:
    import docker

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1200)]

CHECKOUT = Path(__file__).resolve().parents[2]

TRACED = """
import ctypes, os, signal
status = dict(line.rstrip().split(":\\t", 1) for line in open("/proc/self/status"))
print(os.getuid(), os.getgid(), os.getgroups(), status["CapEff"], status["NoNewPrivs"])
PR_SET_DUMPABLE = 4
ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0)
try:
    os.kill(int(status["TracerPid"]), signal.SIGKILL)
except PermissionError:
    print("the tracer cannot be killed")
open("/home/alex/written", "w").close()
"""

EXTENSION = """
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "built"};
PyMODINIT_FUNC PyInit_built(void) { return PyModule_Create(&module); }
"""


@pytest.fixture(scope="module")
def images(docker_client: docker.DockerClient) -> Images:
    return ensure_images(docker_client, print)


def run(client: docker.DockerClient, image: str, *command: str, **options: Any) -> str:
    output = client.containers.run(
        image, list(command), remove=True, network_mode="none", security_opt=["no-new-privileges"], **options
    )
    assert isinstance(output, bytes)
    return output.decode()


def test_a_second_call_builds_nothing(docker_client: docker.DockerClient, images: Images) -> None:
    lines: list[str] = []
    assert ensure_images(docker_client, lines.append) == images
    assert lines == []


def test_a_package_can_be_traced_as_an_ordinary_user_without_capabilities(
    docker_client: docker.DockerClient, images: Images
) -> None:
    output = run(
        docker_client,
        images.package,
        *("strace", "-f", "--seccomp-bpf", "-u", "alex", "-e", "trace=openat,prctl,kill", "-o", "/trace/log"),
        *("sh", "-c", 'python3 -c "$1" && cat /trace/log 2>&1 || echo "the trace cannot be read"', "sh", TRACED),
        read_only=True,
        cap_drop=["ALL"],
        cap_add=["SYS_PTRACE", "SETUID", "SETGID", "KILL"],
        tmpfs={"/home/alex": "uid=1000,gid=1000,mode=0700", "/trace": "mode=0700"},
        stderr=True,
    )
    assert output.splitlines() == [
        "1000 1000 [1000] 0000000000000000 1",
        "the tracer cannot be killed",
        "cat: /trace/log: Permission denied",
        "the trace cannot be read",
    ]


def test_the_trace_of_a_process_that_hides_its_memory_is_decoded(
    docker_client: docker.DockerClient, images: Images
) -> None:
    tracer = "strace -f --seccomp-bpf -u alex -e trace=openat,prctl,kill -o /trace/log"
    log = run(
        docker_client,
        images.package,
        *("sh", "-c", f'{tracer} python3 -c "$1" >/dev/null && cat /trace/log', "sh", TRACED),
        read_only=True,
        cap_drop=["ALL"],
        cap_add=["SYS_PTRACE", "SETUID", "SETGID", "KILL"],
        tmpfs={"/home/alex": "uid=1000,gid=1000,mode=0700", "/trace": "mode=0700"},
    )
    assert "prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE) = 0" in log
    assert "SIGKILL)" in log
    assert 'openat(AT_FDCWD, "/home/alex/written", O_WRONLY|O_CREAT' in log


def test_a_package_with_an_extension_can_be_built(docker_client: docker.DockerClient, images: Images) -> None:
    build = (
        'cd /tmp && python3 -m venv v && printf "%s" "$1" >built.c && '
        "include=$(python3 -c \"import sysconfig; print(sysconfig.get_path('include'))\") && "
        'gcc -shared -fPIC "-I$include" built.c -o built.so && '
        'v/bin/python -c "import built; print(built.__name__)"'
    )
    assert run(docker_client, images.package, "sh", "-c", build, "sh", EXTENSION, user="alex") == "built\n"


def test_nothing_in_the_package_image_names_us(docker_client: docker.DockerClient, images: Images) -> None:
    search = "find / -xdev ( -iname *fumehood* -o -iname *mmdebstrap* -o -iname *scapy* -o -name nft ) -print"
    assert run(docker_client, images.package, *search.split()) == ""
    environment = run(docker_client, images.package, "env").lower()
    assert "fumehood" not in environment


def test_the_internet_image_has_the_libraries_of_its_programs(
    docker_client: docker.DockerClient, images: Images
) -> None:
    script = (
        "import asyncssh, cryptography, dnslib, h11, h2, scapy, trustme, wsproto\n"
        "for module in cryptography, h11, h2, scapy, wsproto: print(*module.__version__.split('.')[:2])"
    )
    found = [
        tuple(int(part) for part in line.split())
        for line in run(docker_client, images.internet, "python3", "-c", script).splitlines()
    ]
    assert all(has >= needed for has, needed in zip(found, [(38, 0), (0, 14), (4, 1), (2, 5), (1, 2)], strict=True))
    run(docker_client, images.internet, "sh", "-ec", "nft --version; ip -V; setpriv --version")


def test_compose_understands_its_file_and_builds_the_same_names() -> None:
    commands = [
        command
        for command in (["docker", "compose"], ["docker-compose"])
        if shutil.which(command[0]) and subprocess.run([*command, "version"], capture_output=True).returncode == 0
    ]
    assert commands, "neither docker compose nor docker-compose is here; `make test` installs one"
    for command in commands:
        answer = subprocess.run([*command, "config"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
        services = yaml.safe_load(answer.stdout)["services"]
        assert {name: service["image"] for name, service in services.items()} == {n: image_tag(n) for n in NAMES}
        assert {Path(service["build"]["context"]) for service in services.values()} == {
            CHECKOUT / "sandbox-images" / name for name in NAMES
        }
