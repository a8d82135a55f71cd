"""What can go wrong, as one shallow tree.

```
FumehoodError            exit code
├── UsageError           2   the command line or a file of the user's own (rules, policy) is wrong
├── AcquireError         3   the target or something it needs cannot be had or cannot be read
├── SandboxError         3   no sandbox can be had on this machine, or it was lost before anything ran
├── RecordError          3   a record or a report cannot be read
├── FindingsError        3   the findings of a scanner cannot be read
└── CorpusError          3   the database of earlier reports cannot be opened, read or written
```

Each message is one line that says what failed, for which input, and what to do next. An exception outside this tree
is a bug of ours (exit code 1).
"""

from __future__ import annotations

from typing import ClassVar


class FumehoodError(Exception):
    """Base of all errors that a user can act on; `str()` of it is the line that the user reads."""

    exit_code: ClassVar[int] = 3


class UsageError(FumehoodError):
    """The command line, or a file that the user wrote for fumehood, cannot be understood."""

    exit_code: ClassVar[int] = 2


class AcquireError(FumehoodError):
    """The target, or something that it needs, does not exist, cannot be fetched or cannot be read."""


class SandboxError(FumehoodError):
    """No sandbox of the kind asked for can be started here."""


class RecordError(FumehoodError):
    """What a run left behind cannot be read."""


class FindingsError(FumehoodError):
    """A scanner's document cannot be read, or is none that fumehood knows."""


class CorpusError(FumehoodError):
    """The database of earlier reports cannot be opened, read or written, or what is to be added to it cannot be taken."""
