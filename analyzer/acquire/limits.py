"""Bounds on what one acquisition reads, fetches and tries; each is far above what honest packages need."""

from __future__ import annotations

from typing import Final

from analyzer.archives.limits import GIB, MIB

MAX_FILE_BYTES: Final = 512 * MIB
"""One downloaded, local or packed file."""

MAX_TOTAL_BYTES: Final = 2 * GIB
"""All files of one acquisition together."""

MAX_FILES: Final = 400
"""Files that one acquisition may take from the index."""

MAX_PAGE_BYTES: Final = 64 * MIB
"""One project page of the index, decoded."""

MAX_DOCUMENT_BYTES: Final = 32 * MIB
"""One document of the index's release data, decoded."""

MAX_PAGE_FILES: Final = 100_000
"""Files that one project page may list."""

MAX_METADATA_FETCHES: Final = 1500
"""Candidates whose metadata the resolver may look at before it gives up."""

MAX_REQUIREMENTS: Final = 2000
"""Dependencies that one package may declare."""

MAX_ROUNDS: Final = 3000
"""Rounds of one dependency resolution."""

MAX_BUILD_DEPTH: Final = 3
"""Build requirements that themselves have to be built, one inside the other."""
