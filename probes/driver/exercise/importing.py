"""The import of one module."""

from __future__ import annotations

import sys
from importlib import import_module

from exercise.kept import keep
from exercise.progress import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

keep(globals())


def import_one(name: str) -> tuple[Any, str]:
    """Imports a module; gives it, and what it raised."""
    try:
        import_module(name)
        return sys.modules.get(name), ""
    except BaseException as error:  # noqa: BLE001 whatever a module raises, exits included, costs only itself
        return None, describe(error)
