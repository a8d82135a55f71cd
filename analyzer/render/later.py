"""Renderers that are imported when they are used: most commands do without most formats."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def later(module: str, function: str) -> Callable[..., Any]:
    """A function of a module of this package, which is loaded with the first call."""

    def render(*arguments: Any) -> Any:
        return getattr(import_module(f"analyzer.render.{module}"), function)(*arguments)

    return render
