"""What bash does by itself for start-up files, and what those files make it do."""

from __future__ import annotations

import pytest

from tests.unit.trace.making import lines, step

BASH = "/bin/bash"
LOGIN = f'execve("{BASH}", ["{BASH}", "-lic", "exit 0"], 0x7) = 0'
PROFILE = 'openat(AT_FDCWD, "/home/u/.profile", O_RDONLY) = 3'
BEGINNING = (
    'openat(AT_FDCWD, "/etc/profile", O_RDONLY) = 3',
    "clone(flags=SIGCHLD) = 11",
    '@11 execve("/usr/bin/id", ["id", "-u"], 0x7) = 0',
    "rt_sigaction(SIGTERM, {sa_handler=SIG_IGN}, {sa_handler=SIG_DFL}, 8) = 0",
    'openat(AT_FDCWD, "/home/u/.bash_profile", O_RDONLY) = -1 ENOENT (No such file or directory)',
    PROFILE,
    'read(3, "x", 1) = 1',
    'openat(AT_FDCWD, "/home/u/.bashrc", O_RDONLY) = 3',
)
END = (
    'write(2, "logout\\n", 7) = 7',
    'openat(AT_FDCWD, "/home/u/.bash_logout", O_RDONLY) = -1 ENOENT (No such file or directory)',
    "rt_sigaction(SIGTERM, {sa_handler=SIG_DFL}, {sa_handler=SIG_IGN}, 8) = 0",
    "+++ exited with 0 +++",
)


def packages(*calls: str, command: str = LOGIN, path: str = BASH) -> list[str]:
    """The kinds of what is the package's, and the paths or signals that they are about."""
    timeline = step(lines(*calls, command=command), phase="startup", command=path)
    return [
        f"{event.kind} {getattr(event.detail, 'path', getattr(event.detail, 'signal', ''))}".strip()
        for event in timeline.events
        if event.attribution == "package"
    ]


def test_a_shell_whose_files_do_nothing_does_nothing() -> None:
    assert packages(*BEGINNING, *END) == []


@pytest.mark.parametrize(
    ("calls", "seen"),
    [
        (("clone(flags=SIGCHLD) = 12", '@12 execve("/usr/bin/touch", ["touch", "a"], 0x7) = 0'),
         ["process.create", "process.exec /usr/bin/touch"]),
        (('openat(AT_FDCWD, "/home/u/.ssh/id_rsa", O_RDONLY) = 4',), ["file.open /home/u/.ssh/id_rsa"]),
        (('openat(AT_FDCWD, "/home/u/.bashrc", O_WRONLY|O_APPEND) = 4',), ["file.open /home/u/.bashrc"]),
        (("rt_sigaction(SIGHUP, {sa_handler=SIG_IGN}, {sa_handler=SIG_DFL}, 8) = 0", 'unlink("a") = 0'),
         ["process.handler SIGHUP", "file.delete /home/u/project/a"]),
        (('write(2, "logout for good\\n", 16) = 16',), ["console.write"]),
    ],
    ids=["a program", "a secret", "a change", "a trap", "words"],
)  # fmt: skip
def test_what_the_files_do_is_the_packages(calls: tuple[str, ...], seen: list[str]) -> None:
    assert packages(*BEGINNING, *calls, *END) == seen


def test_signals_are_set_again_once_for_each_command() -> None:
    again = "rt_sigaction(SIGTERM, {sa_handler=SIG_IGN}, {sa_handler=SIG_DFL}, 8) = 0"
    born = "clone(flags=SIGCHLD) = 12"
    assert packages(*BEGINNING, born, again, *END) == ["process.create"]
    assert packages(*BEGINNING, born, again, again, 'unlink("a") = 0', *END)[1:] == [
        "process.handler SIGTERM",
        "file.delete /home/u/project/a",
    ]


def test_a_file_of_another_shell_is_read_and_no_more() -> None:
    command = f'execve("{BASH}", ["{BASH}", "-c", ". \\"$0\\"", "/home/u/.zshrc"], 0x7) = 0'
    calls = ('openat(AT_FDCWD, "/home/u/.zshrc", O_RDONLY) = 3', 'read(3, "x", 1) = 1', PROFILE)
    assert packages(*calls, command=command) == ["file.open /home/u/.profile"]


def test_a_shell_that_the_package_starts_is_the_packages() -> None:
    child = (
        "clone(flags=SIGCHLD) = 11",
        f'@11 execve("{BASH}", ["{BASH}", "-lic", "exit 0"], 0x7) = 0',
        f"@11 {PROFILE}",
    )
    command = "/home/u/project/.venv/bin/python"
    assert packages(*child, path=command, command=f'execve("{command}", ["python"], 0x7) = 0')[1:] == [
        f"process.exec {BASH}",
        "file.open /home/u/.profile",
    ]


INTERACTIVE = f'execve("{BASH}", ["{BASH}", "-i"], 0x7) = 0'
SESSION = (
    'openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3',
    "rt_sigaction(SIGHUP, {sa_handler=0x1}, {sa_handler=SIG_DFL}, 8) = 0",
    'openat(AT_FDCWD, "/home/u/.bashrc", O_RDONLY) = 3',
    'read(3, "x", 1) = 1',
    'openat(AT_FDCWD, "/home/u/.bash_aliases", O_RDONLY) = 3',
    "rt_sigaction(SIGWINCH, {sa_handler=0x1}, {sa_handler=SIG_DFL}, 8) = 0",
)


def test_a_users_shell_that_does_nothing_does_nothing() -> None:
    assert packages(*SESSION, "+++ exited with 0 +++", command=INTERACTIVE) == []


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        ('openat(AT_FDCWD, "/home/u/.ssh/id_rsa", O_RDONLY) = 4', "file.open /home/u/.ssh/id_rsa"),
        ('openat(AT_FDCWD, "/home/u/.bash_profile", O_RDONLY) = 4', "file.open /home/u/.bash_profile"),
        ('openat(AT_FDCWD, "/home/u/.bashrc", O_WRONLY|O_APPEND) = 4', "file.open /home/u/.bashrc"),
    ],
)
def test_what_is_done_in_a_users_shell_is_seen(call: str, seen: str) -> None:
    assert packages(*SESSION, call, "+++ exited with 0 +++", command=INTERACTIVE) == [seen]
