"""Planted secrets: what a thief looks for, in the package's home and in its environment, with values that are unique to the run.

`data/*.yaml` says what is planted (`schema.py`), `templates.py` fills its places with values, `values.py` makes them in the formats
of their issuers. `docs/decoys.md` tells how to add one.
"""

from __future__ import annotations

from analyzer.sandbox.decoys.planting import Decoys, Secret, make
from analyzer.sandbox.decoys.templates import fill

__all__ = ["Decoys", "Secret", "fill", "make"]
