"""Which parts of the host are where inside the embedded sandbox, as bubblewrap's words."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path

from analyzer.errors import SandboxError
from analyzer.resources import clock_library, probes_directory
from analyzer.sandbox import clock, first, interpreter
from analyzer.sandbox.control import FOLDER
from analyzer.sandbox.interface import SHARED_MEMORY_BYTES, Installer, Limits
from analyzer.sandbox.session import exploring
from analyzer.sandbox.tools import find_tool
from analyzer.sandbox.workspace import BUNDLE, CERTIFICATES, HOME, HOST_NAME, SCRIPTS, SERVED, Workspace

PACKAGE_UID = 1000
"""The package's user as the package sees it; the kernel's number for it is another one."""

PIP_FOLDER = "/opt/pip/pip"
"""Where pip's package is in both sandboxes (see `probes/hood/installing.py`)."""

_INTERNET_LIBRARIES = (
    "asyncssh", "cryptography", "dnslib", "h11", "h2", "hpack", "hyperframe", "wsproto", "scapy",
)  # fmt: skip
"""With what they import themselves: `hpack` and `hyperframe` are h2's."""
OTHER_BUNDLES = (
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Fedora's, openSUSE's and Alpine's."""
LOCAL_AUTHORITIES = "/usr/local/share/ca-certificates"
"""Where an administrator puts authorities beyond the public ones on Debian and its kin (update-ca-certificates(8))."""
_OUTER_CAPABILITIES = (
    "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_CHOWN", "CAP_DAC_OVERRIDE",
    "CAP_SETFCAP",  # without it, Linux 5.12 and later refuse the inner user namespace a mapping of the outer root
)  # fmt: skip


_FIRST = "/srv/first"
_HIDDEN = (
    "--ro-bind", _FIRST, first.PLACE,
    *(word for name in first.CLOSED_FOLDERS for word in ("--perms", "0000", "--tmpfs", f"{first.PLACE}/{name}")),
)  # fmt: skip
"""What lies over bubblewrap, the first process of the package's namespace."""

_CLOCK = (
    "--ro-bind", clock.LIBRARY, clock.LIBRARY, "--ro-bind", "/srv/preload", clock.PRELOAD,
    "--perms", "0755", "--dir", clock.FOLDER, "--bind", clock.FILE, clock.FILE,
)  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """Which parts of the host, and of the workspace, are where inside."""

    space: Workspace
    interpreter: interpreter.Interpreter
    executable: Path
    limits: Limits
    installer: Installer = "uv"
    fast_clock: bool = False

    def outer(self, *, as_root: bool) -> list[str]:
        """Bubblewrap's words for the outer namespaces, in which our own programs run."""
        user = [] if as_root else ["--unshare-user", "--uid", "0", "--gid", "0"]
        capabilities = [word for name in _OUTER_CAPABILITIES for word in ("--cap-add", name)]
        home_bytes, temporary_bytes = self.limits.disk_bytes * 3 // 4, self.limits.disk_bytes // 4
        return [
            "bwrap", *user, "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
            "--die-with-parent", "--new-session", "--hostname", HOST_NAME, "--cap-drop", "ALL", *capabilities,
            *_system_mounts(), "--proc", "/proc", "--dev", "/dev",
            "--perms", "0755", "--dir", "/run", "--perms", "0755", "--tmpfs", "/run",
            "--perms", "0755", "--dir", "/opt", "--perms", "0755", "--dir", "/srv", "--perms", "0755", "--dir", "/home",
            "--perms", "0755", "--size", str(home_bytes), "--tmpfs", HOME,
            "--perms", "1777", "--size", str(temporary_bytes), "--tmpfs", "/tmp",  # noqa: S108 the sandbox's own
            "--perms", "1777", "--size", str(SHARED_MEMORY_BYTES), "--tmpfs", "/dev/shm",  # noqa: S108
            "--bind", str(self.space.record), "/record",
            "--ro-bind", str(probes_directory()), "/opt/probes", *_other_bundles(),
            "--ro-bind", str(self.space.folder / "seccomp.bpf"), "/srv/seccomp.bpf",
            "--ro-bind-try", str(self.space.control), FOLDER,
            "--ro-bind-try", str(self.space.terminal), exploring.FOLDER, "--ro-bind", str(self.space.first), _FIRST,
            *_with_parents([*self._interpreters(both=True), *self._sites(), *self._shared()]), *self._clock(),
        ]  # fmt: skip

    def inner(self) -> list[str]:
        """Bubblewrap's words for the package's namespaces; sources are paths of the outer ones."""
        overlays = [
            word for one in self.interpreter.overlays for word in ("--ro-bind", f"/srv/overlay/{one.name}", one.place)
        ]
        return [
            "--unshare-user", "--uid", str(PACKAGE_UID), "--gid", str(PACKAGE_UID), "--unshare-pid", "--unshare-ipc", "--unshare-uts",
            "--unshare-cgroup-try", "--disable-userns", "--new-session", "--hostname", HOST_NAME,
            *_system_mounts(), "--proc", "/proc", *_HIDDEN, "--dev", "/dev",
            "--bind", "/dev/shm", "/dev/shm",  # noqa: S108
            "--perms", "0755", "--dir", "/home", "--bind", HOME, HOME, "--bind", "/tmp", "/tmp",  # noqa: S108
            "--perms", "0755", "--dir", "/run", "--perms", "0755", "--dir", "/run/session",
            "--bind", "/run/session/events", "/run/session/events",
            "--ro-bind", "/run/session/certs", CERTIFICATES, *_other_bundles("/run/session/certs/ca-certificates.crt"),
            *(["--ro-bind", "/run/session/authorities", LOCAL_AUTHORITIES] if Path(LOCAL_AUTHORITIES).is_dir() else []),
            *_with_parents([*_bound(self._shared()), *self._interpreters(both=False)]),
            *overlays, *(_CLOCK if self.fast_clock else []), "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", f"{HOME}/project",
        ]  # fmt: skip

    def supervisor(self) -> list[str]:
        """The supervisor's command, run by the analyzer's own interpreter."""
        executable = str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())
        sites = ":".join(f"/srv/site/{number}" for number in range(len(_library_folders())))
        return [
            "/usr/bin/env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH=/opt/probes",
            f"FUMEHOOD_SITE={sites}", "LANG=C.UTF-8", executable, "-B", "-m", "hood", "/record/plan.json",
        ]  # fmt: skip

    def _clock(self) -> list[str]:
        """What the package's clock is made of; only its own programs load it."""
        if not self.fast_clock:
            return []
        return [
            "--ro-bind", str(clock_library()), clock.LIBRARY, "--ro-bind", str(self.space.preload), "/srv/preload",
            "--perms", "1777", "--size", str(clock.FOLDER_BYTES), "--tmpfs", clock.FOLDER,
        ]  # fmt: skip

    def _interpreters(self, *, both: bool) -> list[str]:
        """Interpreters outside of /usr, at the place that they were built for: their libraries are found by that path."""
        prefixes = {Path(self.interpreter.overlay.prefix).resolve()}
        if both:
            prefixes.add(Path(sys.base_prefix).resolve())
        return [
            word
            for prefix in sorted(prefixes)
            if not _is_system(prefix)
            for word in ("--ro-bind", str(prefix), str(prefix))
        ]

    def _sites(self) -> list[str]:
        return [
            word
            for number, folder in enumerate(_library_folders())
            for word in ("--ro-bind", str(folder), f"/srv/site/{number}")
        ]

    def _shared(self) -> list[str]:
        """What both see: the served files, the installers, the driver, the probe's overlay, and files of /etc."""
        pip = ["--ro-bind", str(pip_package()), PIP_FOLDER] if self.installer == "pip" else []
        etc = [
            word
            for file in sorted(self.space.system.iterdir())
            for word in ("--ro-bind", str(file), f"/etc/{file.name}")
        ]
        return [
            "--ro-bind", str(self.space.served), SERVED, "--ro-bind", str(self.space.scripts), SCRIPTS,
            "--ro-bind", str(find_tool("uv")), "/opt/uv/uv", "--ro-bind", str(probes_directory() / "driver"), "/srv/runner",
            "--ro-bind", str(self.space.overlay), "/srv/overlay", *pip, *etc,
        ]  # fmt: skip


def _bound(words: list[str]) -> list[str]:
    """The same mounts once more, from where the outer namespace has them."""
    return [word for target in words[2::3] for word in ("--ro-bind", target, target)]


def _with_parents(binds: list[str]) -> list[str]:
    """The mounts, preceded by their targets' parent folders, which bubblewrap would otherwise make for their owner alone."""
    parents = {parent for target in binds[2::3] for parent in Path(target).parents if parent != Path("/")}
    return [word for parent in sorted(parents) for word in ("--perms", "0755", "--dir", str(parent))] + binds


def pip_package() -> Path:
    """The folder of the other installer, which the environment's interpreter runs. Raises SandboxError."""
    return _found("pip").parent


def _other_bundles(source: str = "") -> list[str]:
    """The same certificates where other systems than Debian have them, as far as this one does; its own without a source."""
    return [word for place in OTHER_BUNDLES if Path(place).is_file() for word in ("--ro-bind", source or place, place)]


def _is_system(prefix: Path) -> bool:
    return prefix == Path("/usr") or Path("/usr") in prefix.parents


def _system_mounts() -> list[str]:
    """The host's programs and libraries, read-only, and of /etc only what they need to work."""
    words = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/", name)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    words += ["--perms", "0755", "--dir", "/etc", "--perms", "0755", "--dir", "/etc/ssl"]
    names = [
        "ld.so.cache",
        "ld.so.conf",
        "ld.so.conf.d",
        "alternatives",
        "ssl/openssl.cnf",
        "os-release",
        "debian_version",
    ]
    if Path(BUNDLE).is_file():
        names.append("ssl/certs")
    for name in names:
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for folder in sorted(Path("/etc").glob("python3*")):
        words += ["--ro-bind", str(folder), str(folder)]
    return words


def _library_folders() -> list[Path]:
    """The site folders of this installation that hold what the simulated internet imports."""
    folders: dict[Path, None] = {}
    for name in _INTERNET_LIBRARIES:
        folders[_found(name).parent.parent] = None
    return list(folders)


def _found(name: str) -> Path:
    """The `__init__.py` of an import package of this installation, which is not imported."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise SandboxError(f"the library {name} is missing from this installation: install fumehood again")
    return Path(spec.origin).resolve()
