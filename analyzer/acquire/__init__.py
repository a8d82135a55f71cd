"""Acquisition: from what the user named to hashed, checked files in the cache, without ever running package code.

`acquire` is the way in; `SimpleIndex` is the user's package index, `Cache` the folder where everything is kept,
`environment_from` tells which interpreter to choose files for.
"""

from __future__ import annotations

from analyzer.acquire.cache import Cache
from analyzer.acquire.environment import environment_from
from analyzer.acquire.index import Candidate, Index
from analyzer.acquire.run import acquire
from analyzer.acquire.simple import SimpleIndex
from analyzer.acquire.target import is_directory

__all__ = ["Cache", "Candidate", "Index", "SimpleIndex", "acquire", "environment_from", "is_directory"]
