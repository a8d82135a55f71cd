"""What the package did as a whole: its processes, and the files that it left. Its traffic is in `network`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from analyzer.model.base import CodeLocation, Model, Text
from analyzer.model.event import Attribution, Phase


class ProcessNode(Model):
    """A process and the ones that it started.

    `exit` is its status or the signal that ended it, "" where it was not seen to end; `duration_seconds` from its first program
    to its end, None likewise; `directory` where its last program was started. `author` is "build backend", with its name as far as
    known, where an installer's process ran one.
    """

    pid: int
    program: Text
    argv: list[Text]
    directory: Text = ""
    phase: Phase
    during: Text = ""
    started: float
    duration_seconds: float | None = None
    exit: Text
    attribution: Attribution
    author: Text = ""
    children: list[ProcessNode] = Field(default_factory=list)


class FileChange(Model):
    """A path that is not as it was, and the process that last touched it, where that was seen (else `pid` is 0).

    `target` is the new name of what was renamed, or what a symbolic link says; `sha256` is there for what has an x bit or begins as a
    program; `type` is "" for a renamed path that was not looked at.
    `distribution` is the one whose code did it, as far as that is known.
    """

    path: Text
    target: Text = ""
    type: Literal["file", "directory", "symlink", "other", ""] = ""
    sha256: str = ""
    phase: Phase
    attribution: Attribution
    distribution: Text = ""
    pid: int = 0
    process: Text = ""
    location: CodeLocation | None = None


class Files(Model):
    """What the package left in the writable tree, without what the installer lays by itself; `left_out` counts what is too much to list."""

    created: list[FileChange] = Field(default_factory=list)
    modified: list[FileChange] = Field(default_factory=list)
    deleted: list[FileChange] = Field(default_factory=list)
    renamed: list[FileChange] = Field(default_factory=list)
    left_out: int = 0
