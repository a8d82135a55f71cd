"""What can go wrong, as one shallow tree.

```
FumehoodError            exit code
├── UsageError           2   the command line or a file of the user's own (rules, policy) is wrong
├── AcquireError         3   the target or something it needs cannot be had or cannot be read
├── SandboxError         3   no sandbox can be had on this machine, or it was lost before anything ran
└── RecordError          3   a record or a report cannot be read
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
