"""What the simulated internet answers: data of this version's own, and of the user's (`--internet DIR`).

`data/*.yaml` are the answers that come along (`schema.py`), `folder.py` reads a user's folder, `compiling.py` makes of both the file
that `probes/internet/answers.py` serves. `docs/internet.md` tells how to write one.
"""

from __future__ import annotations

from analyzer.sandbox.answers.compiling import compile_answers, place, read
from analyzer.sandbox.answers.folder import Additional

__all__ = ["Additional", "compile_answers", "place", "read"]
