"""A PostgreSQL server of a test's own: a new cluster in a temporary folder, on a unix socket, as an unprivileged user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_NAME = "fumehood"


def program(name: str) -> str:
    """The path of one of the server's programs, which Debian keeps away from PATH."""
    found = shutil.which(name) or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None
    )
    assert found is not None, f"{name} is not installed; `make test` installs it"
    return found


@contextmanager
def server() -> Iterator[str]:
    """A server with an empty database; gives the database's URL. Nothing of it is left afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = _user()
    data = folder / "data"
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    as_user = {"user": user, "group": pwd.getpwuid(user).pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        os.chown(folder, user, -1)
        subprocess.run(
            [program("initdb"), "-D", data, "-U", _NAME, "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True, capture_output=True, timeout=120, env=environment, cwd=folder, **as_user,
        )  # fmt: skip
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [program("postgres"), "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"],
                stdout=log, stderr=log, env=environment, cwd=folder, **as_user,
            )  # fmt: skip
        try:
            _await(process, folder)
            yield f"postgresql://{_NAME}@/{_NAME}?host={folder}"
        finally:
            process.terminate()
            process.wait(timeout=60)
    finally:
        shutil.rmtree(folder)


def empty(url: str) -> str:
    """Takes everything out of a server's database; gives its URL."""
    with psycopg.connect(url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return url


def _user() -> int:
    """Whoever runs the tests; the server refuses root."""
    return os.geteuid() or pwd.getpwnam("nobody").pw_uid


def _await(process: subprocess.Popen[bytes], folder: Path) -> None:
    admin = f"postgresql://{_NAME}@/postgres?host={folder}"
    for _ in range(600):
        assert process.poll() is None, (folder / "log").read_text()
        try:
            with psycopg.connect(admin, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {_NAME}")
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise AssertionError(f"PostgreSQL does not answer: {(folder / 'log').read_text()}")
