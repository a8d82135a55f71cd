"""The folder of one run on the host: what goes into the sandbox (read-only) and what comes out of it (the record).

```
FOLDER/served/      the files that the installer may see        FOLDER/overlay/      the interpreter probe's files
FOLDER/system/      passwd, hosts, resolv.conf and their like   FOLDER/seccomp.bpf   the compiled profile
FOLDER/control/     the supervisor's line to the analyzer       FOLDER/session/      the supervisor's pipes, shared with the package
FOLDER/terminal/    where the supervisor finds the user of a session; it exists where there is one
FOLDER/first/       what lies over the first process in the embedded sandbox
FOLDER/owner        the pipe that tells Docker's containers of the analyzer's end, however that comes about
FOLDER/scripts/     the user's own driver                       FOLDER/preload       what the dynamic loader loads, with a fast clock
RECORD/plan.json    what the supervisor is to do
RECORD/internet/secrets.json    what is looked for in what was sent: a list of {name, path, value}
RECORD/internet/answers.json    what the simulated internet answers (`analyzer.sandbox.answers`)
```
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analyzer.errors import SandboxError
from analyzer.model.exploration import Session
from analyzer.model.package import Acquisition
from analyzer.resources import clock_library
from analyzer.sandbox import answers, clock, decoys, person
from analyzer.sandbox.directions import directed
from analyzer.sandbox.etc import system_files
from analyzer.sandbox.interface import Limits, Manner
from analyzer.sandbox.interpreter import Interpreter
from analyzer.sandbox.leftovers import owned_folder
from analyzer.sandbox.tracer import Tracer

USER = person.USER
HOME = person.HOME
HOST_NAME = person.HOST_NAME
ADDRESS = "192.168.1.23"
NAME_SERVER = "192.168.1.1"
SERVED = "/srv/packages"
SCRIPTS = "/srv/scripts"
CERTIFICATES = "/etc/ssl/certs"
OWNER = "/srv/owner"
"""In Docker's containers, the named pipe that tells the analyzer's end (`probes/hood/owner.py`)."""
BUNDLE = f"{CERTIFICATES}/ca-certificates.crt"

_MAX_NAME = 100
_ORDINARY = Manner()


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders of one run, all of them existing. `secrets` are what the simulated internet serves, `planted` what the home has."""

    folder: Path
    record: Path
    planted: decoys.Decoys
    secrets: tuple[decoys.Secret, ...] = ()

    @property
    def served(self) -> Path:
        """What the installer may see."""
        return self.folder / "served"

    @property
    def system(self) -> Path:
        """Files of /etc."""
        return self.folder / "system"

    @property
    def overlay(self) -> Path:
        """The probe's files."""
        return self.folder / "overlay"

    @property
    def control(self) -> Path:
        """The supervisor's line to the analyzer; it exists where the kernel traces."""
        return self.folder / "control"

    @property
    def session(self) -> Path:
        """The supervisor's run folder, where the package has a container to itself and shares its pipes."""
        return self.folder / "session"

    @property
    def terminal(self) -> Path:
        """The supervisor's line to the user of a session (`analyzer.sandbox.session.exploring`); it exists where there is one."""
        return self.folder / "terminal"

    @property
    def preload(self) -> Path:
        """The loader's list (ld.so(8)); it exists where the package's clock runs ahead."""
        return self.folder / "preload"

    @property
    def first(self) -> Path:
        """What the embedded sandbox shows of the first process (`analyzer.sandbox.first`); it exists there."""
        return self.folder / "first"

    @property
    def scripts(self) -> Path:
        """The user's own driver, if there is one."""
        return self.folder / "scripts"

    @property
    def owner(self) -> Path:
        """The pipe that the analyzer holds open while it lives; it exists in the block of `owning`."""
        return self.folder / "owner"

    @property
    def plan(self) -> Path:
        """The supervisor's plan."""
        return self.record / "plan.json"


@contextmanager
def workspace(
    acquisition: Acquisition, record: Path, interpreter: Interpreter, uid: int, manner: Manner = _ORDINARY
) -> Iterator[Workspace]:
    """A filled workspace that is gone afterwards. The record's folders are made too; the record itself stays."""
    with owned_folder() as folder:
        record.chmod(0o700)
        # Made here so that they are the analyzer's own: what a container's root writes into them can then be removed again.
        for name in ("internet", "steps", "trees"):
            (record / name).mkdir()
        served = answers.place(record / "internet", off=manner.network == "off", additional=manner.answers)
        space = Workspace(folder, record, decoys.make(), tuple(served))
        for path in (space.served, space.system, space.overlay, space.scripts):
            path.mkdir()
            path.chmod(0o755)  # whatever the umask is, the sandbox's user has to read them
        for file in acquisition.files:
            _place(file.path, space.served / file.filename)
        for name, text in system_files(uid, NAME_SERVER).items():
            _write(space.system / name, text.encode("ascii"))
        for one in interpreter.overlays:
            _write(space.overlay / one.name, directed(one.content, manner.directions))
        if manner.fast_clock:
            clock_library()  # where it is missing, that is told now
            _write(space.preload, f"{clock.LIBRARY}\n".encode("ascii"))
        yield space


@contextmanager
def owning(space: Workspace) -> Iterator[None]:
    """Makes the pipe by which what runs in containers learns of the end of the block, or of this process."""
    os.mkfifo(space.owner, 0o600)
    # Readable for all that wait for it, and written by nobody; the umask does not apply to chmod.
    held = os.open(space.owner, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    space.owner.chmod(0o444)
    try:
        yield
    finally:
        os.close(held)


def write_plan(
    space: Workspace,
    acquisition: Acquisition,
    limits: Limits,
    manner: Manner,
    tracer: Tracer,
    specifics: dict[str, Any],
) -> None:
    """Writes the plan (format 1; its reader is `probes/hood/plan.py`), and places the user's driver. `specifics` is what the backend adds.

    Raises SandboxError where that script cannot be read.
    """
    extras = f"[{','.join(acquisition.extras)}]" if acquisition.extras else ""
    planted = space.planted
    plan = {
        "format": 1,
        "tracer": tracer.plan(),
        "installer": manner.installer,
        "record": "/record",
        "home": HOME,
        "user": USER,
        "name": acquisition.name,
        "target": f"{SERVED}/{acquisition.target.filename}{extras}",
        "project": f"{HOME}/project/src/{acquisition.name}" if manner.editable else "",
        "driver": _place_driver(space, manner.driver) if manner.driver is not None else "",
        "callables": manner.callables,
        "compiled": all(file.filename.endswith(".whl") for file in acquisition.files if file.role != "build"),
        "environment": planted.environment | environment() | _of_session(manner.session),
        "decoys": planted.files,
        "limits": _supervised(limits),
        "fast_clock": manner.fast_clock,
        "moments": clock.moments(datetime.now(UTC)) if manner.fast_clock else [],
        "directions": [asdict(place) for place in manner.directions],
        **specifics,
    }
    space.plan.write_text(json.dumps(plan), encoding="ascii")
    secrets = [asdict(secret) for secret in (*planted.secrets, *space.secrets)]
    facts = [{"name": name, "path": "", "value": value, "class": "system"} for name, value in _facts(space).items()]
    _write(space.record / "internet" / "secrets.json", json.dumps(secrets + facts).encode("ascii"))


def _facts(space: Workspace) -> dict[str, str]:
    """What tells the sandbox's machine and user from others: no secrets, but two of them in one message say who and where it is."""
    machine = space.system / "machine-id"
    return {
        "user name": USER,
        "host name": HOST_NAME,
        "own address": ADDRESS,
        "machine id": machine.read_text("ascii").strip() if machine.is_file() else "",
    }


def environment() -> dict[str, str]:
    """The environment variables of the package: an ordinary user's, whose installer knows the served files alone."""
    return {
        "HOME": HOME,
        "USER": USER,
        "LOGNAME": USER,
        "SHELL": "/bin/bash",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "PATH": f"{HOME}/project/.venv/bin:{HOME}/.local/bin:/usr/local/bin:/usr/bin:/bin",
        "PWD": f"{HOME}/project",
        "VIRTUAL_ENV": f"{HOME}/project/.venv",
        "PYTHONDONTWRITEBYTECODE": "1",
        # As few as are needed beside the system's folder and the libraries' own lists (`probes/hood/bundles.py`): the first for an
        # OpenSSL built for another system's folders, the second for requests in the isolated environment of a build, the third for
        # a Node.js that a package brings.
        "SSL_CERT_FILE": BUNDLE,
        "REQUESTS_CA_BUNDLE": BUNDLE,
        "NODE_EXTRA_CA_CERTS": BUNDLE,
        "UV_FIND_LINKS": SERVED,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_LINK_MODE": "copy",
        "UV_NO_PROGRESS": "1",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": SERVED,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def _of_session(session: Session | None) -> dict[str, str]:
    """A prompt that can be read, and no file for what is typed: the home's history is a decoy, which only the package is to read."""
    return {} if session is None else {"PS1": r"\u@\h:\w\$ ", "HISTFILE": ""}


def _supervised(limits: Limits) -> dict[str, Any]:
    kept = (
        "subject_seconds",
        "call_seconds",
        "linger_seconds",
        "repeat_seconds",
        "output_bytes",
        "trace_bytes",
        "probe_bytes",
        "processes",
        "tree_entries",
        "memory_bytes",
        "disk_bytes",
        "files",
    )
    values = asdict(limits)
    return {
        **{name: values[name] for name in kept},
        "phase_seconds": limits.phase_seconds,
        "file_bytes": max(limits.disk_bytes, limits.trace_bytes),
        "cpu_seconds": int(limits.cpus * max(limits.phase_seconds.values())) + 1,
    }


def _place_driver(space: Workspace, script: Path) -> str:
    """Copies the user's script, under a name that is only letters, digits and a few marks; gives its path in the sandbox."""
    name = re.sub(r"[^\w.-]", "_", script.name, flags=re.ASCII)[-_MAX_NAME:]
    try:
        _write(space.scripts / name, script.read_bytes())
    except OSError as error:
        raise SandboxError(f"--driver {script}: {error.strerror}; name a Python script that can be read") from error
    return f"{SCRIPTS}/{name}"


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o644)


def _place(source: Path, target: Path) -> None:
    """A hard link where that is possible, since served files are only read; else a copy. Readable by the sandbox's user."""
    try:
        os.link(source, target)
        if target.stat().st_mode & 0o444 == 0o444:
            return
        target.unlink()
    except OSError:
        target.unlink(missing_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o644)
