"""The install phase: what is an installer's and a build backend's ordinary work, and what is not.

The probe's word alone makes nobody an installer, because a build script shares the interpreter and can give its code
any file name. So a build's process keeps that name only for what a build has to do: in its own folders, without the
network.
"""

from __future__ import annotations

import posixpath
import re

from analyzer.model.event import (
    Detail,
    FileAttributes,
    FileCreate,
    FileDelete,
    FileLink,
    FileLock,
    FileMode,
    FileOpen,
    FileQuery,
    FileRead,
    FileRename,
    FileWrite,
    MemoryProtect,
    ProcessCreate,
    ProcessLimit,
    ProcessSleep,
    SocketAccept,
    SocketBind,
    SocketConnect,
    SocketListen,
    SocketOption,
    SocketReceive,
    SocketSend,
)
from analyzer.trace.authors.installed import Installed, normal
from analyzer.trace.calls.processes import Process
from analyzer.trace.logs.probe import ProbeCall

_PIP = re.compile(r"/opt/pip/pip/|(/tmp|/\S+/\.cache/pip/builds)/pip-build-env-[^/]+/site/sitecustomize\.py\Z")
"""pip's code, and what it has a build's interpreter begin with, which runs the `.pth` files of the build's environment."""
_PATCHES = "/site-packages/_virtualenv.py"
"""What uv gives environments of Python 3.9: it stands around the standard library's distutils, which pip asks for its folders."""
_ENVIRONMENT = "/project/.venv"
_BUILD_ENVIRONMENT = re.compile(
    r"(/tmp|/\S+/\.cache/pip/builds)/pip-build-env-[^/]+/(overlay|normal)/(local/)?lib/python3[^/]*/(site|dist)-packages/"
)
_INDEXED_SOURCE = re.compile(
    r"/\.cache/uv/sdists-v\d+/(?:pypi|index/[^/]+)/([^/]+)/|/\.cache/pip/builds/pip-install-[^/]+/([^/]+)_[0-9a-f]{32}/"
)
_GIT_FILES = {"/.gitconfig", "/.config/git/config"}
"""What git reads whatever it is asked, as backends ask it for a project's files and version (git-config(1), FILES)."""
_BUILDS = re.compile(r"/\.cache/uv/builds-v\d+/")
_HOOK_RUNNER = "/pyproject_hooks/_in_process/"
_NAMED_BACKEND = re.compile(r"\b(?:from ([\w.]{1,100}) )?import ([\w.]{1,100}) as backend\b")
_INTERPRETER_QUERY = "get_interpreter_info"
_DEVICES = ("/dev/null", "/dev/tty", "/dev/pts/", "/dev/fd/", "/proc/self/", "memfd:")
_USER_LOOKUP = ("/var/run/nscd/", "/run/nscd/", "/run/systemd/userdb/")
_TEMPORARY = "/tmp/"  # noqa: S108 the sandbox's own
_SOCKET_ACTS = (SocketBind, SocketListen, SocketAccept, SocketSend, SocketReceive, SocketOption)
_PATH_ACTS = (FileWrite, FileRename, FileDelete, FileCreate, FileLink, FileMode)
_LOCAL_ACTS = (*_PATH_ACTS, FileAttributes, FileLock)
_OWN_CHOICES = (ProcessSleep, ProcessLimit, MemoryProtect)


def is_tool(call: ProbeCall, process: Process) -> bool:
    """Whether code of the installer or of the build's own environment made a call, by its file.

    Code without a file is a hook script's own when nothing called it, and pip's when pip did; called by a backend it is a
    build script (setup.py). pip builds with the interpreter of the environment that the package goes into, where nothing is a
    build tool's.
    """
    if call.file.startswith("<"):
        return not call.stack or _PIP.match(call.stack[0][0]) is not None
    if call.file.endswith(_PATCHES):
        return bool(call.stack) and _PIP.match(call.stack[0][0]) is not None
    if _PIP.match(call.file) or (_INTERPRETER_QUERY in " ".join(process.argv) and "/python/" in call.file):
        return True
    prefix = posixpath.dirname(posixpath.dirname(process.path))
    own = not prefix.endswith(_ENVIRONMENT) and call.file.startswith(f"{prefix}/lib/")
    if own and re.search("/(site|dist)-packages/", call.file[len(prefix) :]):
        return True
    return _BUILD_ENVIRONMENT.match(call.file) is not None


def is_interpreter(process: Process) -> bool:
    """Whether a process runs Python, by the name of its program."""
    return process.program.startswith("python")


def backend(process: Process) -> str:
    """What runs a hook of a build backend (PEP 517), with the backend's name where the command tells it; or empty."""
    if not is_interpreter(process):
        return ""
    words = " ".join(process.argv)
    if not (_BUILDS.search(process.path) or _HOOK_RUNNER in words):
        return ""
    named = _NAMED_BACKEND.search(words)
    return f"build backend {'.'.join(filter(None, named.groups()))}" if named else "build backend"


def is_ordinary(detail: Detail, process: Process, user_home: str) -> bool:
    """Whether a build has to do this: no network, changes in its own folders only, and no look into the user's.

    Nor does a build's Python have to sleep, or make memory executable, or limit itself; a compiler may.
    """
    if isinstance(detail, SocketConnect):
        return detail.family == "AF_UNIX" and detail.address.startswith(_USER_LOOKUP)
    if isinstance(detail, _OWN_CHOICES):
        return not is_interpreter(process)
    if isinstance(detail, _SOCKET_ACTS):
        return detail.family in {"AF_UNIX", "AF_NETLINK"}
    if isinstance(detail, FileQuery | FileRead) or (isinstance(detail, FileOpen) and detail.access == "read"):
        own = process.program == "git" and detail.path.removeprefix(user_home) in _GIT_FILES
        return own or not detail.path.startswith(f"{user_home}/.") or _in_workspace(detail.path, process, user_home)
    if isinstance(detail, FileOpen | FileRename | FileLink):
        target = detail.target if isinstance(detail, FileRename) else detail.path
        return _in_workspace(detail.path, process, user_home) and _in_workspace(target, process, user_home)
    if isinstance(detail, _LOCAL_ACTS):
        return _in_workspace(detail.path, process, user_home)
    return True


def is_announced(detail: Detail) -> bool:
    """Whether Python code cannot do this unannounced: without an announcement, native code did it."""
    if isinstance(detail, FileOpen):
        return detail.access != "read"
    return isinstance(detail, _PATH_ACTS) or (isinstance(detail, ProcessCreate) and not detail.thread)


def source_project(process: Process) -> str:
    """The project that a process builds, where the installer took its source from the index; or empty."""
    match = _INDEXED_SOURCE.search(process.home + "/")
    return normal(match[1] or match[2]) if match else ""


def is_dependency(process: Process, installed: Installed) -> bool:
    """Whether a build is that of something that the target needs."""
    return bool(dependency(process, installed))


def dependency(process: Process, installed: Installed) -> str:
    """The name of what a process builds, where that is something that the target needs; or empty."""
    project = source_project(process)
    if not project or installed.target is None or project == normal(installed.target.name):
        return ""
    return next((one.name for one in installed.distributions if normal(one.name) == project), project)


def _in_workspace(path: str, process: Process, user_home: str) -> bool:
    folders = (
        f"{user_home}/.cache/uv/", f"{user_home}/.cache/pip/", _TEMPORARY, process.home.rstrip("/") + "/", *_DEVICES,
    )  # fmt: skip
    return (path + "/").startswith(folders) or path in _DEVICES
