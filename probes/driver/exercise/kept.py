"""The builtins as they were when the driver began: code of the package may change those that all modules share."""

from __future__ import annotations

import builtins

_BUILTINS = dict(vars(builtins))


def keep(names: dict[str, object]) -> None:
    """Gives a module's functions, defined from then on, builtins that nobody else has; `names` are its globals."""
    names["__builtins__"] = _BUILTINS
