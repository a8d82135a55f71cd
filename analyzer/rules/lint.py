"""`python -m analyzer.rules.lint`: taxonomy and rules agree, and nothing in them is dead. Part of `make check`."""

from __future__ import annotations

import sys
from collections import Counter

from analyzer.errors import FumehoodError
from analyzer.rules.loader import PACKS, rules
from analyzer.taxonomy import load


def findings() -> list[str]:
    """What is wrong with the data of this version, a line each."""
    taxonomy = load()
    found = rules(PACKS, taxonomy)
    named = {rule.behavior for rule in found}
    problems = [f"{behavior.id}: no rule witnesses it" for behavior in taxonomy if behavior.id not in named]
    twins = Counter(rule.model_dump_json(exclude={"detail"}) for rule in found)
    problems += [f"the same rule stands {count} times: {text}" for text, count in twins.items() if count > 1]
    return problems


def main() -> int:
    """Prints the findings; 1 when there are any."""
    try:
        problems = findings()
    except FumehoodError as error:
        problems = [str(error)]
    for problem in problems:
        print(problem, file=sys.stderr)  # noqa: T201 a linter's output
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
