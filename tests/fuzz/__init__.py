"""Long fuzzing of every parser of hostile bytes: `make fuzz` (see `docs/security.md`, "Hostile text").

A target is one function of bytes that may raise nothing: what a parser's documentation says it raises is caught in the target.
`targets/` has them by subject, `corpus/NAME/` the inputs that are tried first and changed, `run.py` is the program.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# As pytest has it from pyproject.toml: probes are programs that run from their folder, not an installed package.
sys.path += [path for path in (str(ROOT / "probes"), str(ROOT / "probes" / "driver")) if path not in sys.path]
