"""What programs and interpreters do by themselves, and what packages do."""

from __future__ import annotations

import pytest

from analyzer.trace.timeline import Timeline
from tests.unit.trace.making import COMMAND, SITE, lines, one, probe_line, step

PRELOAD = 'access("/etc/ld.so.preload", R_OK) = -1 ENOENT (No such file or directory)'
DEFAULT = "{sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}"


def sets(signal: str, handler: str, old: str = "SIG_DFL") -> str:
    return f"rt_sigaction({signal}, {{sa_handler={handler}, sa_mask=[]}}, {{sa_handler={old}, sa_mask=[]}}, 8) = 0"


BEGINNING = (PRELOAD, sets("SIGPIPE", "SIG_IGN"), sets("SIGXFSZ", "SIG_IGN"), sets("SIGINT", "0x678ec0"))
END = (sets("SIGINT", "SIG_DFL", "0x678ec0"), "+++ exited with 0 +++")


def authors(timeline: Timeline) -> list[str]:
    kinds = ("process.handler", "file.query")
    return [event.attribution for event in timeline.events if event.kind in kinds]


def test_an_interpreter_that_only_starts_and_ends_does_nothing_else() -> None:
    assert authors(step(lines(*BEGINNING, *END), phase="startup")) == ["interpreter"] * 5


def test_what_comes_later_is_the_packages() -> None:
    later = (PRELOAD, *BEGINNING[1:], 'unlink("a") = 0')
    assert authors(step(lines(*BEGINNING, *later, *END))) == ["interpreter"] * 4 + ["package"] * 4 + ["interpreter"]


@pytest.mark.parametrize(
    "calls",
    [
        (sets("SIGTERM", "SIG_IGN"),),
        (sets("SIGPIPE", "SIG_IGN"),),
        (sets("SIGPIPE", "SIG_IGN"), sets("SIGINT", "0x1")),
        (sets("SIGINT", "0x1"), sets("SIGPIPE", "SIG_IGN"), sets("SIGXFSZ", "SIG_IGN")),
        (sets("SIGINT", "SIG_DFL", "0x1"), 'unlink("a") = 0'),
        ('access("/etc/ld.so.cache", R_OK) = 0', PRELOAD),
    ],
)
def test_what_is_no_beginning_and_no_end(calls: tuple[str, ...]) -> None:
    assert set(authors(step(lines(*calls)))) == {"package"}


def test_where_interrupts_are_ignored_the_beginning_is_shorter() -> None:
    assert authors(step(lines(*BEGINNING[:3], sets("SIGTERM", "0x1")))) == ["interpreter"] * 3 + ["package"]


def test_the_loading_of_a_clock_is_the_loaders_and_what_opens_it_again_is_not() -> None:
    loading = (
        'access("/etc/ld.so.preload", R_OK) = 0',
        'openat(AT_FDCWD, "/etc/ld.so.preload", O_RDONLY|O_CLOEXEC) = 3',
        "mmap(NULL, 14, PROT_READ|PROT_WRITE, MAP_PRIVATE, 3, 0) = 0x7f",
        'openat(AT_FDCWD, "/srv/clock.so", O_RDONLY|O_CLOEXEC) = 3',
        "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_DENYWRITE, 3, 0) = 0x7f",
        'openat(AT_FDCWD, "/run/clock/now", O_RDWR|O_CLOEXEC) = 3',
    )
    again = (loading[1], loading[5], 'openat(AT_FDCWD, "/etc/ld.so.preload", O_WRONLY) = -1 EROFS (x)')
    found = [event for event in step(lines(*loading, *again)).events if event.kind.startswith("file.")]
    assert [event.attribution for event in found] == ["interpreter"] * 6 + ["package"] * 3


def test_each_program_has_its_own_beginning() -> None:
    child = ("clone(flags=SIGCHLD) = 11", f'@11 execve("{COMMAND}", ["python"], 0x7) = 0')
    again = tuple(f"@11 {call}" for call in (*BEGINNING, sets("SIGTERM", "SIG_IGN")))
    assert authors(step(lines(*BEGINNING, *child, *again))) == ["interpreter"] * 8 + ["package"]


def test_a_fork_has_none() -> None:
    child = ("clone(flags=SIGCHLD) = 11", *(f"@11 {call}" for call in BEGINNING))
    assert authors(step(lines(*child))) == ["package"] * 4


@pytest.mark.parametrize("signal", ["SIGRTMIN", "SIGRT_1"])
def test_the_c_librarys_signals_are_its_own(signal: str) -> None:
    assert authors(step(lines(sets(signal, "0x7f")))) == ["interpreter"]
    assert authors(step(lines(sets("SIGRT_2", "0x7f")))) == ["package"]


# The import driver

DRIVER = "/srv/runner/driver.py"
DRIVING = f'execve("{COMMAND}", ["python", "{DRIVER}", "--progress", "7"], 0x7) = 0'
TABLE = 'openat(AT_FDCWD, "/proc/net/tcp", O_RDONLY|O_CLOEXEC) = 3'
PAUSE = "clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=1, tv_nsec=1}, NULL) = 0 <0.700128>"
OWN_STACK = ((DRIVER, 51), (DRIVER, 88))


def look(file: str = DRIVER, stack: tuple[tuple[str, int], ...] = OWN_STACK, path: str = "/proc/net/tcp") -> str:
    return probe_line(0.19, "open", path, "r", "524288", file=file, stack=stack)


@pytest.mark.parametrize(
    ("told", "path"),
    [("3", "/proc/net/tcp"), ("3</proc/net/tcp>", "/proc/net/tcp"), ("3</proc/7/net/tcp>", "/proc/self/net/tcp")],
)
def test_the_drivers_look_at_the_sockets_is_its_own(told: str, path: str) -> None:
    timeline = step(lines(TABLE.removesuffix("3") + told, command=DRIVING), look())
    event = one(timeline, "file.open", path=path)
    assert (event.attribution, event.location) == ("interpreter", None)
    assert not [event for event in timeline.events if event.kind == "python.call"]


@pytest.mark.parametrize(
    ("command", "probe"),
    [
        (DRIVING, ()),
        (DRIVING, (look(file=f"{SITE}/target.py"),)),
        (DRIVING, (look(stack=((f"{SITE}/target.py", 3), (DRIVER, 62))),)),
        (DRIVING.replace(DRIVER, "x.py"), (look(),)),
    ],
)
def test_the_packages_look_at_them_is_the_packages(command: str, probe: tuple[str, ...]) -> None:
    assert one(step(lines(TABLE, command=command), *probe), "file.open", path="/proc/net/tcp").attribution == "package"


@pytest.mark.parametrize(
    "folder", ["/srv/runner", "/srv/runner/exercise/members.py", "/srv/scripts", "/srv/scripts/mine.py"]
)
def test_the_interpreters_look_at_what_it_is_to_run_is_its_own(folder: str) -> None:
    reading = f'openat(AT_FDCWD, "{folder}", O_RDONLY|O_CLOEXEC) = 3'
    assert one(step(lines(reading)), "file.open", path=folder).attribution == "interpreter"
    asked = probe_line(0.19, "open", folder, "r", "524288", file=f"{SITE}/target.py")
    assert one(step(lines(reading), asked), "file.open", path=folder).attribution == "package"


def test_no_other_file_is_the_drivers() -> None:
    other = TABLE.replace("/proc/net/tcp", "/etc/passwd")
    timeline = step(lines(other, command=DRIVING), look(path="/etc/passwd"))
    assert one(timeline, "file.open", path="/etc/passwd").attribution == "package"


def test_the_drivers_pause_is_the_last_of_its_length() -> None:
    longer, shorter = PAUSE.replace("<0.7", "<9.7"), PAUSE.replace("<0.7", "<0.2")
    timeline = step(lines(PAUSE, longer, PAUSE, shorter, command=DRIVING))
    found = [event.attribution for event in timeline.events if event.kind == "process.sleep"]
    assert found == ["package", "package", "interpreter", "package"]
    assert one(step(lines(PAUSE)), "process.sleep").attribution == "package"


STATUS, MOUNTS = (f'openat(AT_FDCWD, "{path}", O_RDONLY) = 3' for path in ("/proc/self/status", "/proc/mounts"))
PAGE = "mmap(NULL, 4096, PROT_READ|PROT_WRITE|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000"
PYTHONS = 'openat(AT_FDCWD, "/proc/self/status", O_RDONLY|O_CLOEXEC) = 3'


def closures(*calls: str) -> list[str]:
    timeline = step(lines(*calls))
    return [event.attribution for event in timeline.events if event.kind in {"file.open", "memory.protect"}]


def test_a_foreign_function_librarys_first_closure_is_nobodys_act() -> None:
    assert closures(STATUS, MOUNTS, PAGE) == ["interpreter"] * 3
    assert closures(STATUS, 'access("/selinux", F_OK) = -1 ENOENT (No such file)', MOUNTS, PAGE) == ["interpreter"] * 3


def test_a_second_closure_page_is_the_packages() -> None:
    assert closures(STATUS, MOUNTS, PAGE, STATUS, MOUNTS, PAGE) == ["interpreter"] * 3 + ["package"] * 3


@pytest.mark.parametrize(
    "calls",
    [
        (STATUS,),
        (PAGE,),
        (STATUS, MOUNTS),
        (STATUS, PAGE),
        (MOUNTS, STATUS, PAGE),
        (PYTHONS, MOUNTS, PAGE),
        (STATUS, MOUNTS, PAGE.replace("4096", "8192")),
        (STATUS, 'unlink("a") = 0', MOUNTS, PAGE),
    ],
)
def test_what_is_no_closure_is_the_packages(calls: tuple[str, ...]) -> None:
    assert set(closures(*calls)) == {"package"}
