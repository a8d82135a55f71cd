"""Bounds on what one acquisition reads, fetches and tries; each is far above what honest packages need."""

from __future__ import annotations

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB

MAX_FILE_BYTES: Final = 512 * MIB
"""One downloaded, local or packed file."""

MAX_TOTAL_BYTES: Final = 2 * GIB
"""All files of one acquisition together."""

MAX_FILES: Final = 400
"""Files that one acquisition may take from the index."""

MAX_PAGE_BYTES: Final = 64 * MIB
"""One project page of the index, decoded."""

MAX_PAGE_FILES: Final = 100_000
"""Files that one project page may list."""

MAX_METADATA_BYTES: Final = MIB
"""One metadata file: PEP 658 metadata, METADATA, PKG-INFO, pyproject.toml, setup.cfg, requires.txt."""

MAX_METADATA_FETCHES: Final = 1500
"""Candidates whose metadata the resolver may look at before it gives up."""

MAX_REQUIREMENTS: Final = 2000
"""Dependencies that one package may declare."""

MAX_ROUNDS: Final = 3000
"""Rounds of one dependency resolution."""

MAX_BUILD_DEPTH: Final = 3
"""Build requirements that themselves have to be built, one inside the other."""

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
