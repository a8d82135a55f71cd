"""What the tracer in the kernel says where it cannot run, cannot keep up or loses its sandbox, and that nothing of it stays."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel import calls
from analyzer.sandbox.kernel.interface import Account
from analyzer.sandbox.kernel.libbpf import library
from analyzer.sandbox.kernel.loader import KernelTracer
from analyzer.sandbox.kernel.rings import SLOTS
from tests.integration.kernel_log import CHECKOUT, EXEC, EXIT, LOST, NEEDS, STRINGS, TASK_EXIT, Log, Sandbox, built

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = NEEDS

MEANS = "run as root, or with CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE, or use --tracer strace"
BUSY = "import os\nfor i in range({}): os.getppid()"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("kernel"))


@pytest.fixture(scope="module")
def tracer(program: Path) -> Iterator[KernelTracer]:
    with KernelTracer(program, calls.entries(["getppid", "execve", "wait4"])) as loaded:
        yield loaded


def load_elsewhere(program: Path, *before: str) -> str:
    """The error of a process that loads the programs, started through other programs."""
    script = f"""
from pathlib import Path
from analyzer.errors import SandboxError
from analyzer.sandbox.kernel.loader import KernelTracer
try: KernelTracer(Path({str(program)!r}), {{}})
except SandboxError as error: print(error)
"""
    command = [*before, sys.executable, "-c", script]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT, check=True).stdout.strip()


def compiled(folder: Path, source: str) -> Path:
    """An object of other programs."""
    (folder / "other.bpf.c").write_text(source)
    clang = os.environ.get("CLANG", "clang")
    command = [clang, "-O2", "-g", "-target", "bpf", "-mcpu=v3", "-I", str(CHECKOUT / "probes" / "kernel"), "-c"]
    subprocess.run([*command, folder / "other.bpf.c", "-o", folder / "other.o"], check=True, stderr=subprocess.DEVNULL)
    return folder / "other.o"


def test_a_kernel_without_types_is_told(program: Path) -> None:
    hide = 'mount -t tmpfs none /sys/kernel/btf && exec "$@"'
    assert load_elsewhere(program, "unshare", "--mount", "sh", "-c", hide, "sh") == (
        "the kernel tracer needs the kernel's types: /sys/kernel/btf/vmlinux: No such file or directory; "
        "use a kernel with CONFIG_DEBUG_INFO_BTF, or --tracer strace"
    )


def test_a_missing_library_is_told(program: Path) -> None:
    listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    libraries = [line.split("=> ")[1] for line in listed.splitlines() if line.strip().startswith("libbpf.so.1 ")]
    hide = "".join(f"mount --bind /dev/null {one} && " for one in libraries) + 'exec "$@"'
    assert load_elsewhere(program, "unshare", "--mount", "sh", "-c", hide, "sh") == (
        "the kernel tracer needs libbpf.so.1, which cannot be loaded: apt-get install libbpf1"
    )


@pytest.mark.parametrize("kept", ["-all", "-all,+bpf", "-all,+perfmon,+sys_ptrace"])
def test_without_the_rights_the_remedy_is_told(program: Path, kept: str) -> None:
    said = load_elsewhere(program, "setpriv", "--bounding-set", kept, "--inh-caps", kept)
    assert said.startswith("the kernel tracer cannot ")
    assert f"Operation not permitted; {MEANS}" in said
    assert "\n" not in said


def test_three_rights_are_enough_but_for_the_clock(program: Path) -> None:
    kept = "-all,+bpf,+perfmon,+sys_ptrace"
    assert load_elsewhere(program, "setpriv", "--bounding-set", kept, "--inh-caps", kept) == ""


def test_an_object_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"cannot read .*absent\.o: No such file or directory; use --tracer strace"):
        KernelTracer(tmp_path / "absent.o", {})


def test_a_damaged_object_is_told(program: Path, tmp_path: Path) -> None:
    content = program.read_bytes()
    for damaged in (b"", b"\x7fELF" + bytes(100), content[: len(content) // 2]):
        (tmp_path / "tracer.bpf.o").write_bytes(damaged)
        with pytest.raises(
            SandboxError, match=r"^the kernel tracer cannot read .*tracer\.bpf\.o: .*; use --tracer strace"
        ):
            KernelTracer(tmp_path / "tracer.bpf.o", {})


def test_an_old_object_is_told(tmp_path: Path) -> None:
    source = '#include "helpers.h"\nSEC("tp_btf/sys_enter") int sys_enter(u64 *context) { return 0; }\nchar t[] SEC("license") = "GPL";'
    with pytest.raises(
        SandboxError, match=r"an old one, which lacks libc_clock_gettime, .*: `make kernel-probe` makes it$"
    ):
        KernelTracer(compiled(tmp_path, source), {})


def test_a_program_that_the_kernel_refuses_is_told_with_its_reason(tmp_path: Path) -> None:
    source = '#include "tracer.bpf.c"\nSEC("tp_btf/sys_enter") int refused(u64 *context) { return *(int *)context[1]; }'
    with pytest.raises(SandboxError) as raised:
        KernelTracer(compiled(tmp_path, source), {})
    assert str(raised.value).startswith(
        "the kernel tracer cannot be loaded: Permission denied; use --tracer strace (libbpf: prog 'refused'"
    )
    assert "invalid mem access 'scalar'" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_lost_records_are_counted(tracer: KernelTracer, tmp_path: Path) -> None:
    sandbox = Sandbox(sys.executable, "-I", "-S", "-c", BUSY.format(30000))
    recording = tracer.watch(sandbox.pid_namespace, tmp_path / "log", ring_bytes=os.sysconf("SC_PAGE_SIZE"))
    sandbox.go()
    account = tracer.unwatch(recording)
    log = Log(tmp_path / "log")
    lost = [struct.unpack("<Q", one.payload)[0] for one in log.of(LOST)]
    assert lost == sorted(lost)
    assert lost[-1] == account.lost
    kept = len(log.calls("getppid")) + len(log.calls("getppid", EXIT))
    assert lost[-1] >= 60000 - kept > 0
    assert account.failure == ""


def test_a_log_that_grows_too_large_is_cut(tracer: KernelTracer, tmp_path: Path) -> None:
    sandbox = Sandbox(sys.executable, "-c", BUSY.format(200000))
    recording = tracer.watch(sandbox.pid_namespace, tmp_path / "log", most_bytes=100_000)
    sandbox.go()
    assert tracer.unwatch(recording).failure == "the log reached its limit of 100000 bytes"
    assert len(Log(tmp_path / "log").calls("getppid")) < 200000


def test_a_disk_that_is_full_at_the_start_is_told(tracer: KernelTracer) -> None:
    sandbox = Sandbox("true")
    with pytest.raises(SandboxError, match=r"cannot write its log /dev/full: No space left on device"):
        tracer.watch(sandbox.pid_namespace, Path("/dev/full"))
    sandbox.go()


def test_a_disk_that_fills_up_is_told(tracer: KernelTracer, tmp_path: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", tmp_path], check=True)
    try:
        sandbox = Sandbox(sys.executable, "-c", BUSY.format(20000))
        recording = tracer.watch(sandbox.pid_namespace, tmp_path / "log")
        sandbox.go()
        assert tracer.unwatch(recording).failure == "the kernel tracer cannot write its log: is the disk full?"
        assert 60_000 < (tmp_path / "log").stat().st_size <= 65536
    finally:
        subprocess.run(["umount", "--lazy", tmp_path], check=True)


def test_a_log_is_written_through_no_link(tracer: KernelTracer, tmp_path: Path) -> None:
    (tmp_path / "log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SandboxError, match=r"cannot write its log .*/log: Too many levels of symbolic links"):
        tracer.watch(1, tmp_path / "log")
    assert not (tmp_path / "elsewhere").exists()


def test_its_own_namespace_is_not_watched(tracer: KernelTracer, tmp_path: Path) -> None:
    own = tracer.namespaces(os.getpid())
    with pytest.raises(SandboxError, match="cannot watch the pid namespace that it runs in itself"):
        tracer.watch(own.pid, tmp_path / "log")


def test_slots_are_bounded_and_given_back(tracer: KernelTracer, tmp_path: Path) -> None:
    page = os.sysconf("SC_PAGE_SIZE")
    recordings = [tracer.watch(1, tmp_path / str(i), ring_bytes=page) for i in range(SLOTS)]
    with pytest.raises(SandboxError, match=f"watches {SLOTS} sandboxes already"):
        tracer.watch(1, tmp_path / "more", ring_bytes=page)
    for recording in recordings:
        tracer.unwatch(recording)
    with pytest.raises(SandboxError, match=f"has no recording {recordings[0]}"):
        tracer.unwatch(recordings[0])
    tracer.unwatch(tracer.watch(1, tmp_path / "more", ring_bytes=page))


def test_a_hundred_sandboxes_at_once_have_a_log_each(tracer: KernelTracer, tmp_path: Path) -> None:
    sandboxes = [Sandbox("sh", "-c", f"cat /dev/null; exec test {number} -ge 0") for number in range(100)]
    recordings = []
    for number, sandbox in enumerate(sandboxes):
        found = tracer.namespaces(sandbox.pid)
        recordings.append(tracer.watch(found.pid, tmp_path / str(number), found.network, ring_bytes=2**20))
    running = [threading.Thread(target=sandbox.go) for sandbox in sandboxes]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    accounts = [tracer.unwatch(recording) for recording in recordings]
    assert {(one.lost, one.failure) for one in accounts} == {(0, "")}
    for number, sandbox in enumerate(sandboxes):
        log = Log(tmp_path / str(number))
        executed = [one.text(STRINGS)[0] for one in log.of(EXEC)]
        assert executed[-1] == b"test\0%d\0-ge\0000\0" % number
        assert {one.ids[2] for one in log.records if one.ids[0] == sandbox.pid} == {1}
        assert max(one.ids[2] for one in log.records) == 2


def test_a_slot_that_is_used_again_gives_a_clean_log(tracer: KernelTracer, tmp_path: Path) -> None:
    others = [
        tracer.watch(1, tmp_path / str(number), ring_bytes=os.sysconf("SC_PAGE_SIZE")) for number in range(SLOTS - 1)
    ]
    first, second = Sandbox(sys.executable, "-c", BUSY.format(20000)), Sandbox("true")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", tmp_path], check=True)
    try:
        # What its log has no room for stays in the buffer.
        recording = tracer.watch(first.pid_namespace, tmp_path / "log", first.network_namespace, ring_bytes=2**22)
        first.go()
        assert "is the disk full?" in tracer.unwatch(recording).failure
    finally:
        subprocess.run(["umount", tmp_path], check=True)  # which fails while anything holds the log
    recording = tracer.watch(second.pid_namespace, tmp_path / "log", ring_bytes=2**22)
    second.go()
    account = tracer.unwatch(recording)
    log = Log(tmp_path / "log")
    assert {one.ids[0] for one in log.records} == {second.pid}
    assert account == Account(len(log.records), 0, "")
    for other in others:
        tracer.unwatch(other)


def buffers() -> set[str]:
    """The ring buffers that this process has, by the kernel's numbers of them."""
    found = set()
    for one in Path("/proc/self/fdinfo").iterdir():
        with contextlib.suppress(FileNotFoundError):
            told = dict(line.split(":\t", 1) for line in one.read_text().splitlines() if ":\t" in line)
            if told.get("map_type") == "27":
                found.add(told["map_id"])
    return found


def test_of_buffers_that_nobody_uses_a_handful_is_kept(program: Path, tmp_path: Path) -> None:
    before = buffers()
    with KernelTracer(program, {}) as tracer:
        recordings = [tracer.watch(1, tmp_path / str(number), ring_bytes=2**16) for number in range(20)]
        assert len(buffers() - before) >= 20
        for recording in recordings:
            tracer.unwatch(recording)
        for _ in range(200):
            if len(buffers() - before) == 8:
                break
            threading.Event().wait(0.05)
        assert len(buffers() - before) == 8
    assert buffers() <= before


def test_a_sandbox_that_has_ended_is_told(tracer: KernelTracer) -> None:
    sandbox = Sandbox("true")
    sandbox.kill()
    with pytest.raises(
        SandboxError, match=rf"namespaces of process {sandbox.pid}: No such file or directory; it has ended"
    ):
        tracer.namespaces(sandbox.pid)


def held() -> set[str]:
    """What this process has open, as the kernel names it."""
    names = set()
    for one in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            names.add(os.readlink(one))
    return names


def test_the_namespace_of_one_that_ended_before_is_nobody_elses(tracer: KernelTracer, tmp_path: Path) -> None:
    sandbox = Sandbox("true")
    found = tracer.namespaces(sandbox.pid)
    sandbox.kill()
    recording = tracer.watch(found.pid, tmp_path / "log", found.network)
    # The kernel gives the lowest number that is free, and so would give this one again, did nothing hold it.
    assert {f"pid:[{found.pid}]", f"net:[{found.network}]"} <= held()
    others = [Sandbox("true") for _ in range(5)]
    assert found.pid not in {other.pid_namespace for other in others}
    for other in others:
        other.go()
    assert tracer.unwatch(recording).records == 0
    assert not {f"pid:[{found.pid}]", f"net:[{found.network}]"} & held()


def test_a_sandbox_that_is_killed_leaves_a_whole_log(tracer: KernelTracer, tmp_path: Path) -> None:
    sandbox = Sandbox("sleep", "60")
    recording = tracer.watch(sandbox.pid_namespace, tmp_path / "log")
    sandbox.start()
    while Path(f"/proc/{sandbox.pid}/comm").read_text() != "sleep\n":
        threading.Event().wait(0.01)
    sandbox.kill()
    assert tracer.unwatch(recording).failure == ""
    ended = [struct.unpack_from("<II", one.payload) for one in Log(tmp_path / "log").of(TASK_EXIT)]
    assert ended[-1] == (signal.SIGKILL, 1)


def loaded_by(process: int) -> set[tuple[str, int]]:
    """The programs, attachments and tables that a process holds, by the kernel's numbers of them."""
    found = set()
    for one in Path(f"/proc/{process}/fdinfo").iterdir():
        with contextlib.suppress(FileNotFoundError):
            for name, value in re.findall(r"^(prog|link|map)_id:\s*(\d+)$", one.read_text(), re.MULTILINE):
                found.add((name, int(value)))
    return found


def remaining(found: set[tuple[str, int]]) -> set[tuple[str, int]]:
    """Those of them that the kernel still has."""
    still = set()
    for kind, number in found:
        descriptor = getattr(ctypes.CDLL("libbpf.so.1"), f"bpf_{kind}_get_fd_by_id")(number)
        if descriptor >= 0:
            os.close(descriptor)
            still.add((kind, number))
    return still


def wait_until_gone(found: set[tuple[str, int]]) -> None:
    """The kernel frees what nobody holds any more a moment later, as some processor may still run it."""
    for _ in range(200):
        if not remaining(found):
            return
        threading.Event().wait(0.05)
    assert remaining(found) == set()


def test_nothing_stays_loaded(program: Path) -> None:
    before = loaded_by(os.getpid())
    with KernelTracer(program, {}):
        found = loaded_by(os.getpid()) - before
        assert {kind for kind, _ in found} == {"prog", "link", "map"}
        assert remaining(found) == found
    wait_until_gone(found)


def test_nothing_stays_loaded_when_the_process_is_killed_in_mid_run(program: Path, tmp_path: Path) -> None:
    sandbox = Sandbox("sleep", "60")
    script = f"""
import time
from pathlib import Path
from analyzer.sandbox.kernel import calls
from analyzer.sandbox.kernel.interface import Account
from analyzer.sandbox.kernel.loader import KernelTracer
tracer = KernelTracer(Path({str(program)!r}), calls.entries(["openat"]))
tracer.watch({sandbox.pid_namespace}, Path({str(tmp_path / "log")!r}))
print("watching", flush=True); time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=CHECKOUT)
    assert process.stdout
    assert process.stdout.readline() == b"watching\n"
    found = loaded_by(process.pid)
    assert {kind for kind, _ in found} == {"prog", "link", "map"}
    process.kill()
    process.wait()
    process.stdout.close()
    wait_until_gone(found)
    sandbox.kill()


def test_the_library_speaks_only_through_errors(program: Path, capfd: pytest.CaptureFixture[str]) -> None:
    library()
    with pytest.raises(SandboxError):
        KernelTracer(program.with_name("absent"), {})
    assert capfd.readouterr() == ("", "")
