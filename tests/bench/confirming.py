"""`python -m tests.bench.confirming`: how many answers of `fumehood confirm` are right of the findings that real scanners have in the scanned packages.

Each package is run once in the embedded sandbox; the figures are those of `docs/confirm.md`. Every wrong answer is printed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from analyzer.acquire import Cache
from tests.integration.confirmed import SOURCE, WHEEL, outcome, table


def main() -> None:
    """Prints the figures of both packages together, and what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        outcomes = [outcome(Path(folder), Cache().root, documents) for documents in (WHEEL, SOURCE)]
    judged = [one for run in outcomes for one in run.observable]
    print("\n".join(table(judged)))
    print("\n".join(str(one) for one in judged if not one.is_right))


if __name__ == "__main__":
    main()
