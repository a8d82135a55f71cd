"""The terminal of a session: what the analyzer holds of it while the user tries a package by hand (`docs/explore.md`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol


class Terminal(Protocol):
    """The user's end of a session's terminal. Its methods are for any thread, and do nothing when the session is over.

    What can be read is the package's to choose: whoever shows it filters it first.
    """

    read_fd: int
    """What the sandbox's terminal says, as it says it. Its end is the session's. It stays open until `Attach` returns. While nobody reads
    it, the session's programs wait when they write, as they do for a terminal that is stopped."""

    record: Path
    """The folder of the record, which grows meanwhile (`docs/records.md`)."""

    def write(self, data: bytes) -> None:
        """Types keys. Never waits: what the session does not take yet is kept, up to 1 MiB, and the rest is dropped, as a terminal does."""

    @property
    def backlog(self) -> int:
        """How many bytes of what was typed the session has not taken yet: who types from a file waits while this grows."""

    def resize(self, rows: int, columns: int) -> None:
        """Tells the session's programs another size (SIGWINCH)."""

    def hang_up(self) -> None:
        """Ends the session: its programs get SIGHUP, and what still runs a moment later is killed."""

    def put(self, name: str, tar: BinaryIO) -> None:
        """Unpacks an archive of one file or folder to `name`, as `docker cp` does, as the package's user.

        In an existing folder, or one whose name ends in "/", the file gets its own name; else it gets the name `name`. A name that is
        not absolute begins in the folder where the session began; "~" is the home. Only the home and /tmp can be written to, and no
        link leads out of these. Raises SandboxError with one line that tells why it was not done.
        """

    def get(self, path: str, most_bytes: int) -> BinaryIO:
        """An archive (tar, at its begin) of a file or folder, whose members begin with its last name; links stay links.

        Names are as for `put`. Its members are the package's to choose: unpack them with care. The caller closes it. Raises SandboxError,
        also where it would be larger than `most_bytes`.
        """


Attach = Callable[[Terminal], None]
"""Is called once, in a thread of its own, as soon as the session's terminal is there. It is to return soon after the end of `read_fd`."""
