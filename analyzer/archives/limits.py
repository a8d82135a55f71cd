"""Bounds on what is read of one archive; each is far above what honest packages need."""

from __future__ import annotations

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB

MAX_METADATA_BYTES: Final = MIB
"""One metadata file: PEP 658 metadata, METADATA, PKG-INFO, pyproject.toml, setup.cfg, requires.txt."""

MAX_MEMBERS: Final = 100_000
"""Members of one archive, or entries of one project directory."""

MAX_UNPACKED_BYTES: Final = GIB
"""What one archive may unpack to."""

MAX_RATIO: Final = 200
"""Unpacked to packed size from which an archive that unpacks to more than `RATIO_FLOOR_BYTES` is called a bomb."""

RATIO_FLOOR_BYTES: Final = 32 * MIB
"""Small archives of very regular text compress better than any ratio that a bomb check could use."""

MAX_NAME_LENGTH: Final = 4096
"""Characters of one member name: PATH_MAX on Linux."""
