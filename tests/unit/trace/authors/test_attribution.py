"""Whose act it is. Time in these logs: the n-th call is at 1000 + (n + 1) / 10 seconds."""

from __future__ import annotations

import pytest

from analyzer.model.event import Location
from analyzer.trace.calls.processes import DRIVER
from tests.unit.trace.making import COMMAND, SITE, lines, one, probe_line, step

HOME = "/home/u/project"
SOCKET = "socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3"
CONNECT = 'connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("192.0.2.1")}, 16) = 0'
FORK = "clone(flags=SIGCHLD) = 2 /* 11 in strace's PID NS */"
SHELL = '@11 execve("/bin/sh", ["sh"], 0x7) = 0'
HELPER = f"{SITE}/helper.py"
OPEN = 'openat(AT_FDCWD, "/home/u/out", O_WRONLY|O_CREAT|O_CLOEXEC, 0666) = 3'


def test_a_location_is_that_of_the_announcement() -> None:
    event = one(step(lines('rename("a", "b") = 0'), probe_line(0.199, "os.rename", "a", "b", line=9)), "file.rename")
    assert event.location == Location("target", "m", f"{SITE}/target.py", 9)
    assert event.attribution == "package"


@pytest.mark.parametrize(
    ("seconds", "name", "argument", "pid"),
    [
        (0.3, "os.rename", "a", 7),
        (0.19, "os.remove", "a", 7),
        (0.19, "os.rename", "ab", 7),
        (0.19, "os.rename", "a", 8),
    ],
    ids=["later", "another call", "another file", "another process"],
)
def test_what_an_announcement_is_not_about(seconds: float, name: str, argument: str, pid: int) -> None:
    timeline = step(lines('rename("a", "b") = 0'), probe_line(seconds, name, argument, pid=pid))
    assert one(timeline, "file.rename").location is None


def test_an_old_announcement_is_forgotten() -> None:
    assert (
        one(step(lines('+9 rename("a", "b") = 0'), probe_line(0.1, "os.rename", "a")), "file.rename").location is None
    )


def test_the_last_fitting_announcement_counts() -> None:
    probe = [
        probe_line(0.1, "os.remove", "a", line=1),
        probe_line(0.15, "os.remove", "b", line=2),
        probe_line(0.18, "os.remove", "a", line=3),
    ]
    location = one(step(lines('unlink("a") = 0'), *probe), "file.delete").location
    assert location is not None
    assert location.line == 3


@pytest.mark.parametrize(
    ("call", "kind", "name", "arguments"),
    [
        (CONNECT, "socket.connect", "socket.connect", ("<socket>", "192.0.2.1 80")),
        (CONNECT, "socket.connect", "socket.connect", ("<socket>", "name.example 80")),
        (CONNECT, "socket.connect", "socket.getaddrinfo", ("name.example", "80")),
        ('sendto(3, "x", 1, 0, NULL, 0) = 1', "socket.send", "socket.sendall", ()),
        ('mkdir("/x/new", 0777) = 0', "file.create", "os.mkdir", ("/x/new", "511")),
        ('unlinkat(AT_FDCWD, "\\377\\376", 0) = 0', "file.delete", "os.remove", ("\ufffd\ufffd",)),
        ('unlinkat(AT_FDCWD, "\\377", 0) = 0', "file.delete", "os.remove", ("\udcff",)),
        ('execve("/bin/true", ["true"], 0x7) = 0', "process.exec", "os.exec", ("/bin/true", "true")),
        (
            'openat(AT_FDCWD, "/etc/localtime", O_RDONLY) = 4</usr/share/zoneinfo/UTC>',
            "file.open",
            "open",
            ("/etc/localtime",),
        ),
        ('openat(AT_FDCWD, "/etc/localtime", O_RDONLY) = 4</usr/share/zoneinfo/UTC>', "file.open", "open", ("UTC",)),
    ],
)
def test_joins(call: str, kind: str, name: str, arguments: tuple[str, ...]) -> None:
    timeline = step(lines(SOCKET, call), probe_line(0.29, name, *arguments, line=42))
    found = [event for event in timeline.events if event.kind == kind and event.time == pytest.approx(1000.3)]
    assert [event.location.line for event in found if event.location] == [42]


def test_dependencies_are_told_apart() -> None:
    timeline = step(lines('unlink("a") = 0'), probe_line(0.19, "os.remove", "a", file=HELPER))
    assert one(timeline, "file.delete").attribution == "dependency"


@pytest.mark.parametrize(
    ("stack", "attribution"),
    [(((HELPER, 5),), "dependency"), (((f"{SITE}/target.py", 5), (HELPER, 1)), "package"), ((), "package")],
)
def test_code_without_a_file_is_its_callers(stack: tuple[tuple[str, int], ...], attribution: str) -> None:
    timeline = step(lines('unlink("a") = 0'), probe_line(0.19, "os.remove", "a", file="<string>", stack=stack))
    assert one(timeline, "file.delete").attribution == attribution


def test_children_inherit_who_started_them() -> None:
    log = lines(
        FORK, SHELL, '@11 unlink("a") = 0', "@11 vfork() = 3 /* 12 in strace's PID NS */", '@12 unlink("b") = 0'
    )
    timeline = step(log, probe_line(0.19, "subprocess.Popen", "sh", file=HELPER, line=8))
    for kind, fields in [
        ("process.create", {"child": 11}),
        ("process.exec", {"program": "sh"}),
        ("file.delete", {"path": "/home/u/project/a"}),
        ("file.delete", {"path": "/home/u/project/b"}),
    ]:
        event = one(timeline, kind, **fields)
        assert event.attribution == "dependency"
        assert event.location is not None
        assert event.location.line == 8


def test_one_announcement_explains_one_process() -> None:
    log = lines(
        FORK,
        SHELL,
        "clone(flags=SIGCHLD) = 3 /* 12 in strace's PID NS */",
        '@12 execve("/bin/true", ["true"], 0x7) = 0',
    )
    timeline = step(log, probe_line(0.19, "subprocess.Popen", "sh", file=HELPER))
    assert one(timeline, "process.exec", program="sh").attribution == "dependency"
    assert one(timeline, "process.exec", program="true").location is None


def test_subprocess_over_posix_spawn_is_one_announcement() -> None:
    log = lines(
        FORK, "clone(flags=SIGCHLD) = 3 /* 12 in strace's PID NS */", '@12 execve("/bin/true", ["true"], 0x7) = 0'
    )
    twice = [probe_line(0.18, "subprocess.Popen", "sh"), probe_line(0.19, "os.posix_spawn", "/bin/sh")]
    assert one(step(log, *twice), "process.exec", program="true").location is None


def test_what_is_written_is_by_who_opened_it() -> None:
    timeline = step(
        lines(OPEN, '+99 write(3, "x", 1) = 1'), probe_line(0.19, "open", "/home/u/out", "w", "577", line=6)
    )
    location = one(timeline, "file.write").location
    assert location is not None
    assert location.line == 6


def test_the_start_of_the_command_is_not_the_packages() -> None:
    assert one(step(lines()), "process.exec").attribution == "interpreter"
    assert one(step(lines(), phase="install"), "process.exec").attribution == "installer"


# The import system's cache

SOURCE = f'openat(AT_FDCWD, "{SITE}/target.py", O_RDONLY|O_CLOEXEC) = 3'
TEMPORARY = f"{SITE}/__pycache__/target.cpython-311.pyc.140234"
CACHE = f'openat(AT_FDCWD, "{TEMPORARY}", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0644) = 3'
FOLDER = f'mkdir("{SITE}/__pycache__", 0777) = 0'
FILL = 'write(3, "x", 1) = 1'
NAME = f'rename("{TEMPORARY}", "{TEMPORARY.rpartition(".")[0]}") = 0'
ANNOUNCED = probe_line(0.39, "open", TEMPORARY, "<NoneType>", "524481")


def changes(timeline_of: tuple[str, ...], *probe: str) -> set[str]:
    kinds = {"file.write", "file.rename", "file.create", "file.delete"}
    events = step(lines(*timeline_of), *probe).events
    found = [event for event in events if event.kind in kinds or getattr(event.detail, "access", "read") != "read"]
    assert found
    return {event.attribution for event in found}


def test_an_import_writes_its_cache() -> None:
    assert changes((SOURCE, FOLDER, CACHE, FILL, NAME), ANNOUNCED) == {"interpreter"}


@pytest.mark.parametrize(
    "calls",
    [
        (CACHE, FILL, NAME),
        (SOURCE, CACHE.replace("O_EXCL|", "").replace("target.c", "other.c"), FILL),
        (SOURCE, CACHE.replace("|O_EXCL", ""), FILL),
        (SOURCE, CACHE.replace(".140234", ""), FILL),
        (SOURCE, CACHE.replace(SITE, "/home/u"), FILL),
        (SOURCE, CACHE.replace(".cpython-311.pyc", ".sh"), FILL),
        (f'rename("/home/u/evil", "{SITE}/__pycache__/target.cpython-311.pyc") = 0',),
        ('mkdir("/home/u/__pycache__", 0777) = 0',),
        (f'unlink("{SITE}/__pycache__/target.cpython-311.pyc") = 0',),
    ],
    ids=[
        "no source",
        "other source",
        "not exclusive",
        "not temporary",
        "elsewhere",
        "no bytecode",
        "moved in",
        "folder",
        "delete",
    ],
)
def test_a_name_alone_hides_nothing(calls: tuple[str, ...]) -> None:
    assert changes(calls) == {"package"}


def test_the_cache_is_renamed_to_its_own_name_only() -> None:
    away = f'rename("{TEMPORARY}", "/home/u/.bashrc") = 0'
    assert one(step(lines(SOURCE, CACHE, FILL, away), ANNOUNCED), "file.rename").attribution == "package"


def test_the_builtin_open_is_not_the_import_system() -> None:
    assert changes((SOURCE, CACHE, FILL, NAME), probe_line(0.29, "open", TEMPORARY, "xb", "524481")) == {"package"}


def test_a_program_in_the_cache_is_no_cache() -> None:
    timeline = step(lines('execve("/home/u/__pycache__/x.cpython-311.pyc", ["x"], 0x7) = 0'))
    assert one(timeline, "process.exec", program="x.cpython-311.pyc").attribution == "package"


READING = 'openat(AT_FDCWD, "/home/u/notes", O_RDONLY|O_CLOEXEC) = 3'


def test_a_file_is_read_by_whom_it_was_opened_for() -> None:
    # The probe tells an opening; long after it the announcement would be none of the reading's.
    timeline = step(
        lines(READING, '+20 read(3, "x", 9) = 1'), probe_line(0.199, "open", "/home/u/notes", file=HELPER, line=4)
    )
    event = one(timeline, "file.read")
    assert (event.attribution, event.location) == ("dependency", Location("helper", "m", HELPER, 4))


def test_a_descriptor_that_came_along_is_read_by_who_has_it() -> None:
    timeline = step(lines(READING.replace("|O_CLOEXEC", ""), FORK, SHELL, '@11 read(3, "x", 9) = 1'))
    event = one(timeline, "file.read")
    assert (event.attribution, event.pid, event.process) == ("package", 11, "sh")


def test_the_drivers_look_at_sockets_is_its_own() -> None:
    start = f'execve("{COMMAND}", ["python", "{DRIVER}"], 0x7) = 0'
    look = 'openat(AT_FDCWD, "/proc/net/tcp", O_RDONLY|O_CLOEXEC) = 3'
    call = probe_line(0.199, "open", "/proc/net/tcp", file=DRIVER)
    timeline = step(lines(look, 'read(3, "x", 9) = 1', command=start), call)
    assert one(timeline, "file.read").attribution == "interpreter"


# The install phase

UV = "/opt/uv/uv"
ENVIRONMENT = "/home/u/.cache/uv/builds-v0/.tmpAb1"
SOURCES = "/home/u/.cache/uv/sdists-v11/path/0a/1b/src"
BACKEND = f"{ENVIRONMENT}/lib/python3.11/site-packages/setuptools/build_meta.py"
TOOL = f"{ENVIRONMENT}/lib/python3.11/site-packages/setuptools/_distutils/spawn.py"
HOOK = (
    "vfork() = 2 /* 11 in strace's PID NS */",
    f'@11 chdir("{SOURCES}") = 0',
    f'@11 execve("{ENVIRONMENT}/bin/python", ["python", "-c", "from setuptools.build_meta import x"], 0x7) = 0',
)
SETUP = ((BACKEND, 317), ("<string>", 14))
CALLED = 0.49
"""Just before the fourth call, the first one behind HOOK."""


def build(*calls: str, probe: tuple[str, ...] = (), hook: tuple[str, ...] = HOOK):
    log = lines(*hook, *calls, command=f'execve("{UV}", ["uv", "pip", "install"], 0x7) = 0')
    return step(log, *probe, phase="install", command=UV)


def by_setup(name: str, *arguments: str, line: int = 5) -> str:
    return probe_line(CALLED, name, *arguments, file="<string>", line=line, stack=SETUP, pid=2)


def by_tool(name: str, *arguments: str) -> str:
    return probe_line(CALLED, name, *arguments, file=TOOL, stack=(("<string>", 3), *SETUP), pid=2)


def test_setup_py_is_the_package_with_its_line() -> None:
    event = one(build('@11 unlink("/home/u/x") = 0', probe=(by_setup("os.remove", "/home/u/x"),)), "file.delete")
    assert event.attribution == "package"
    assert event.location == Location("", "setup", f"{SOURCES}/setup.py", 5)


@pytest.mark.parametrize(
    ("path", "attribution"), [(f"{SOURCES}/setup.cfg", "installer"), ("/home/u/.ssh/id_rsa", "package")]
)
def test_a_build_reads_its_sources_and_no_secrets(path: str, attribution: str) -> None:
    read = '@11 read(3, "x", 9) = 1'
    assert one(build(f'@11 openat(AT_FDCWD, "{path}", O_RDONLY) = 3', read), "file.read").attribution == attribution
    # The same for a descriptor of which the opener is not known.
    opened = f'openat(AT_FDCWD, "{path}", O_RDONLY) = 3'
    assert one(build(read, hook=(opened, *HOOK)), "file.read").attribution == attribution


@pytest.mark.parametrize(
    ("call", "name", "argument"),
    [
        (f'unlink("{SOURCES}/x.egg-info") = 0', "os.remove", "x.egg-info"),
        ('mkdir("build", 0777) = 0', "os.mkdir", "build"),
        ('openat(AT_FDCWD, "/tmp/tmp1", O_RDWR|O_CREAT|O_EXCL, 0600) = 3', "open", "/tmp/tmp1"),
        ('rename("a", "b") = 0', "os.rename", "a"),
        ('openat(AT_FDCWD, "/dev/null", O_RDWR) = 3', "open", "/dev/null"),
    ],
)
def test_the_build_tools_ordinary_work_is_the_installers(call: str, name: str, argument: str) -> None:
    timeline = build(f"@11 {call}", probe=(by_tool(name, argument),))
    assert timeline.events
    assert {event.attribution for event in timeline.events if event.layer == "syscall"} == {"installer"}


def test_what_a_build_tool_starts_is_the_installers() -> None:
    calls = ("@11 vfork() = 3 /* 12 in strace's PID NS */", '@12 execve("/usr/bin/gcc", ["gcc"], 0x7) = 0',
             "@12 vfork() = 4 /* 13 in strace's PID NS */", '@13 execve("/usr/bin/as", ["as"], 0x7) = 0',
             '@13 unlink("/tmp/cc1.s") = 0')  # fmt: skip
    timeline = build(*calls, probe=(by_tool("subprocess.Popen", "gcc"),))
    assert {event.attribution for event in timeline.events if event.layer == "syscall"} == {"installer"}


@pytest.mark.parametrize("starter", [by_setup("subprocess.Popen", "sh"), ""], ids=["setup.py", "native code"])
def test_what_a_build_script_starts_is_the_packages(starter: str) -> None:
    calls = (
        "@11 vfork() = 3 /* 12 in strace's PID NS */",
        '@12 execve("/bin/sh", ["sh"], 0x7) = 0',
        '@12 unlink("/tmp/x") = 0',
    )
    timeline = build(*calls, probe=(starter,) if starter else (probe_line(0.45, "start", pid=2),))
    for kind, fields in [("process.create", {"child": 12}), ("process.exec", {"program": "sh"}), ("file.delete", {})]:
        assert one(timeline, kind, **fields).attribution == "package"


def test_a_script_in_an_argument_is_its_starters() -> None:
    calls = (
        "@11 vfork() = 3 /* 12 in strace's PID NS */",
        f'@12 execve("{ENVIRONMENT}/bin/python", ["python", "-c", "x"], 0x7) = 0',
        '@12 unlink("/tmp/x") = 0',
    )
    own = probe_line(0.69, "os.remove", "/tmp/x", file="<string>", line=1, pid=3)
    assert (
        one(build(*calls, probe=(by_setup("subprocess.Popen", "python"), own)), "file.delete").attribution == "package"
    )


@pytest.mark.parametrize(
    ("calls", "kind"),
    [
        (("@11 " + SOCKET, "@11 " + CONNECT), "socket.connect"),
        (('@11 openat(AT_FDCWD, "/home/u/.bashrc", O_WRONLY|O_APPEND) = 3',), "file.open"),
        (('@11 openat(AT_FDCWD, "/home/u/.ssh/id_rsa", O_RDONLY) = 3',), "file.open"),
        ((f'@11 rename("x", "{SITE}/evil.pth") = 0',), "file.rename"),
        (('@11 symlink("/etc", "/home/u/etc") = 0',), "file.link"),
        (('@11 chmod("/home/u", 0777) = 0',), "file.mode"),
    ],
)
@pytest.mark.parametrize("tool", [True, False])
def test_no_file_name_makes_this_a_builds_work(calls: tuple[str, ...], kind: str, *, tool: bool) -> None:
    """The probe says that setuptools did it, which anyone can who chooses its code's file name; or nothing at all."""
    names = ("socket.connect", "open", "os.rename", "os.symlink", "os.chmod")
    probe = tuple(by_tool(name) for name in names) if tool else ()
    assert one(build(*calls, probe=probe), kind).attribution == "package"


def test_native_code_in_a_hook_is_the_packages() -> None:
    timeline = build('@11 openat(AT_FDCWD, "/tmp/x", O_WRONLY|O_CREAT, 0600) = 3', '@11 write(3, "x", 1) = 1')
    assert one(timeline, "file.write").attribution == "package"


def test_code_in_the_source_tree_is_the_packages_wherever_its_folder_looks_like() -> None:
    file = f"{SOURCES}/lib/python3.11/site-packages/setuptools/x.py"
    timeline = build('@11 unlink("x") = 0', probe=(probe_line(CALLED, "os.remove", "x", file=file, pid=2),))
    assert one(timeline, "file.delete").attribution == "package"


def test_code_that_a_build_script_wrote_into_the_tools_is_not_theirs() -> None:
    calls = (f'@11 openat(AT_FDCWD, "{TOOL}", O_WRONLY|O_CREAT) = 3', '@11 unlink("x") = 0')
    later = probe_line(0.59, "os.remove", "x", file=TOOL, stack=SETUP, pid=2)
    timeline = build(*calls, probe=(by_setup("open", TOOL, "w"), later))
    assert one(timeline, "file.delete").attribution == "package"


def test_the_installers_own_network_is_its_own() -> None:
    assert one(build(SOCKET, CONNECT, hook=()), "socket.connect").attribution == "installer"


def test_the_installers_question_about_the_interpreter() -> None:
    query = f'@11 execve("{COMMAND}", ["python", "-c", "from python.get_interpreter_info import main"], 0x7) = 0'
    call = probe_line(0.39, "os.remove", "/tmp/x", file="/home/u/.cache/uv/.tmp1/python/get_interpreter_info.py", pid=2)
    timeline = build('@11 unlink("/tmp/x") = 0', probe=(call,), hook=(HOOK[0], query))
    assert one(timeline, "file.delete").attribution == "installer"


@pytest.mark.parametrize(
    ("folder", "attribution", "distribution"),
    [
        ("path/0a/1b/src", "package", ""),
        ("pypi/helper/2.0/x/src", "dependency", "helper"),
        ("index/ab/Other_One/2/x/src", "dependency", "other-one"),
        ("pypi/target/1/src", "package", ""),
    ],
)
def test_what_a_dependencys_build_script_does(folder: str, attribution: str, distribution: str) -> None:
    hook = (HOOK[0], f'@11 chdir("/home/u/.cache/uv/sdists-v11/{folder}") = 0', HOOK[2])
    timeline = build('@11 unlink("/home/u/x") = 0', probe=(by_setup("os.remove", "/home/u/x"),), hook=hook)
    event = one(timeline, "file.delete")
    assert event.attribution == attribution
    assert event.location is not None
    assert event.location.distribution == distribution


# The interpreter's own events


def test_calls_that_only_the_interpreter_sees() -> None:
    timeline = step(lines(), probe_line(0.3, "time.time", line=4), probe_line(0.31, "time.time", file=HELPER))
    first, second = [event for event in timeline.events if event.kind == "python.call"]
    assert (first.attribution, first.pid, first.process, first.layer) == ("package", 10, "python", "interpreter")
    assert second.attribution == "dependency"
    assert (first.source.file, first.source.line) == ("steps/01-step.probe", 1)


@pytest.mark.parametrize(
    ("file", "stack", "told"),
    [
        ("", (), False),
        ("/srv/runner/driver.py", (), True),
        ("/srv/runner/driver.py", ((f"{SITE}/target.py", 1),), True),
        ("/srv/runner/other.py", (), True),
    ],
)
def test_the_drivers_own_calls_are_left_out(file: str, stack: tuple[tuple[str, int], ...], *, told: bool) -> None:
    timeline = step(lines(), probe_line(0.3, "open", "x", file=file, stack=stack))
    assert any(event.kind == "python.call" for event in timeline.events) is told
    assert timeline.dropped == 0


@pytest.mark.parametrize(
    ("name", "file", "told"),
    [
        ("importlib.import_module", "/srv/runner/driver.py", False),
        ("importlib.import_module", "/srv/runner/exercise/calling.py", False),
        ("json.dumps", "/srv/runner/driver.py", True),
        ("time.time", "/srv/runner/driver.py", True),
        ("importlib.import_module", f"{SITE}/target.py", True),
    ],
)
def test_of_the_drivers_calls_only_its_imports_are_left_out(name: str, file: str, *, told: bool) -> None:
    """A package can give its code the driver's file name, so nothing else may hide behind it."""
    timeline = step(lines(), probe_line(0.3, name, "x", file=file, stack=(("/srv/runner/driver.py", 9),)))
    events = [event for event in timeline.events if event.kind == "python.call"]
    assert [event.attribution in {"package", "dependency"} for event in events] == ([True] if told else [])


def test_a_hooks_own_clock_is_the_installers_and_setup_pys_is_the_packages() -> None:
    timeline = build(probe=(by_tool("time.time"), by_setup("datetime.now")))
    assert one(timeline, "python.call", name="time.time").attribution == "installer"
    assert one(timeline, "python.call", name="datetime.now").attribution == "package"
