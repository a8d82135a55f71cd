"""Lists of packages: requirements files, lock files (`pylock.toml`) and installed environments, read without running anything.

Each reader gives a `Listing`. A mistake in one entry costs that entry, which is told; every byte of a list is hostile and bounded.
"""

from __future__ import annotations

from analyzer.acquire.lists.entry import Listing, Refused, Wanted
from analyzer.acquire.lists.installed import read_environment
from analyzer.acquire.lists.lock import is_lock_name, read_lock
from analyzer.acquire.lists.narrowed import Narrowed, check_digests, wanted_here
from analyzer.acquire.lists.requirements import read_requirements

__all__ = [
    "Listing",
    "Narrowed",
    "Refused",
    "Wanted",
    "check_digests",
    "is_lock_name",
    "read_environment",
    "read_lock",
    "read_requirements",
    "wanted_here",
]
