"""`python -m analyzer.cli.lint`: rules, issues, default policy and the mapping of findings agree with the taxonomy; nothing is dead.

Part of `make lint`. What is said of the policy stands here, since a policy speaks of behaviors and issues, which do not know one another.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from analyzer import issues
from analyzer.confirm import lint as confirm_lint
from analyzer.confirm.mapping import builtin as builtin_mapping
from analyzer.errors import FumehoodError
from analyzer.issues import Issue
from analyzer.issues import lint as issues_lint
from analyzer.policy import Known
from analyzer.policy.loader import default_table, problems
from analyzer.policy.matching import names
from analyzer.policy.schema import PolicyTable, RuleTable
from analyzer.rules import lint as rules_lint
from analyzer.rules.loader import builtin
from analyzer.taxonomy import Behavior, load


def findings(policy: PolicyTable) -> Iterator[str]:
    """What is wrong with a policy that comes with fumehood, a line each."""
    known = Known.of((one.id for one in load()), (one.id for one in issues.load()))
    yield from (f"default policy, {place}: {problem}" for place, problem in problems(policy, known))
    if policy.suppress:
        yield "default policy: a suppression is a user's own decision"
    for number, rule in enumerate(policy.rules, 1):
        where = f"default policy, rule {number}"
        if rule.because is None:
            yield f"{where}: has no `because`"
        if rule.package is not None:
            yield f"{where}: is about a package"
        yield from (f"{where}: {problem}" for problem in _dead(rule, policy.rules[: number - 1]))


def _dead(rule: RuleTable, before: tuple[RuleTable, ...]) -> Iterator[str]:
    """Why a rule never decides, as far as that can be told from it and from the rules before it."""
    if rule.licence is None and not any(_names(rule, one) for one in [*load(), *issues.load()]):
        yield "nothing that it names has such a category or severity"
    conditions = rule.model_dump(exclude={"do", "because"})
    if any(one.model_dump(exclude={"do", "because"}) == conditions for one in before):
        yield "a rule before it fits the same"


def _names(rule: RuleTable, one: Behavior | Issue) -> bool:
    return names(rule, "issue" if isinstance(one, Issue) else "behavior", one.id, one.category, one.severity)


def main() -> int:
    """Prints what is wrong with any of the data; 1 when there is anything."""
    wrong: list[str] = []
    for find in (
        lambda: rules_lint.findings(builtin()),
        lambda: issues_lint.findings(issues.load(), load()),
        lambda: findings(default_table()),
        lambda: confirm_lint.findings(builtin_mapping(), load()),
    ):
        try:
            wrong += find()
        except FumehoodError as error:
            wrong.append(str(error))
    for problem in wrong:
        print(problem, file=sys.stderr)  # noqa: T201 a linter's output
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
