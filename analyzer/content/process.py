"""Starting the process that reads a package's files, and taking its answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final, Self

from pydantic import ValidationError

from analyzer.content.confinement import ANSWER_BYTES, PROCESSOR_SECONDS, WALL_SECONDS
from analyzer.model.filefacts import FileFacts
from analyzer.model.package import Acquisition

_PROGRAM: Final = Path(__file__).with_name("__main__.py")
_READING_SECONDS: Final = 0.8 * PROCESSOR_SECONDS
"""When the process stops reading by itself, so that what it has is not lost."""

_REASONS: Final = {
    -signal.SIGXCPU: f"the process that reads them took more than {PROCESSOR_SECONDS} s of processor time",
    -signal.SIGALRM: f"the process that reads them took longer than {WALL_SECONDS} s",
    -signal.SIGXFSZ: "there is more to tell of them than a record may hold",
    -signal.SIGKILL: "the process that reads them was ended by the system",
}


class FileReader:
    """Reads the files of an acquisition in a process of its own, beside whatever else is done.

    A context manager: the process is gone when the block is left, however that happens; it also ends with this one.
    """

    def __init__(self, acquisition: Acquisition, command: Sequence[str] = ()) -> None:
        self._acquisition = acquisition
        self._command = list(command) or [sys.executable, "-I", "-X", "utf8", str(_PROGRAM), str(os.getpid())]
        self._process: subprocess.Popen[bytes] | None = None
        self._answer: IO[bytes] | None = None
        self._problem = ""

    def __enter__(self) -> Self:
        try:
            self._answer = tempfile.TemporaryFile()
            with tempfile.TemporaryFile() as task:
                task.write(_task(self._acquisition))
                task.seek(0)
                self._process = subprocess.Popen(
                    self._command, stdin=task, stdout=self._answer, stderr=subprocess.DEVNULL, cwd="/", close_fds=True
                )
        except OSError as error:
            self._problem = f"the process that reads them could not be started: {error.strerror or error}"
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._answer is not None:
            self._answer.close()

    @property
    def is_done(self) -> bool:
        """Whether `facts` would not have to wait."""
        return self._process is None or self._process.poll() is not None

    def facts(self) -> FileFacts:
        """What was read, once that is done. Where there is no answer, or none that can be used, facts that say why."""
        if self._process is None or self._answer is None:
            return FileFacts.nothing(self._problem)
        try:
            status = self._process.wait(WALL_SECONDS)
        except subprocess.TimeoutExpired:
            return FileFacts.nothing(_REASONS[-signal.SIGALRM])
        if status != 0:
            return FileFacts.nothing(_REASONS.get(status, f"the process that reads them ended with status {status}"))
        return self._read(self._answer)

    def _read(self, answer: IO[bytes]) -> FileFacts:
        try:
            answer.seek(0)
            return FileFacts.model_validate_json(answer.read(ANSWER_BYTES))
        except (OSError, ValidationError):
            return FileFacts.nothing("what the process that reads them said cannot be understood")


def _task(acquisition: Acquisition) -> bytes:
    files = [
        {"path": str(file.path.absolute()), "filename": file.filename, "role": file.role}
        for file in acquisition.files
        if file.role != "build"
    ]
    task = {"name": acquisition.name, "version": acquisition.version, "files": files, "seconds": _READING_SECONDS}
    return json.dumps(task).encode("ascii")
