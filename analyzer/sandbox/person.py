"""Whose machine the package finds itself on."""

from __future__ import annotations

from typing import Final

USER: Final = "alex"
FULL_NAME: Final = "Alex Hartmann"
HOME: Final = f"/home/{USER}"
HOST_NAME: Final = "alex-t14"
