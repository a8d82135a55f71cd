"""`fumehood taxonomy`: the behaviors that fumehood can name, and the issues that it makes of them."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from analyzer import issues
from analyzer.cli.configuration import RulesOption, rule_folders
from analyzer.cli.printing import print_out
from analyzer.errors import UsageError
from analyzer.render.terminal.issues import list_issues
from analyzer.render.terminal.taxonomy import list_behaviors, show_behavior
from analyzer.render.text import safe_text
from analyzer.rules.loader import ruleset
from analyzer.taxonomy import Behavior, Taxonomy


def taxonomy(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORD]...", help="An id, a category, or words to search for; without one, all."),
    ] = None,
    rules: RulesOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    of_issues: Annotated[bool, typer.Option("--issues", help="The issues instead of the behaviors.")] = False,
) -> None:
    """List, search and show the behaviors that fumehood can name, with the rules that witness them."""
    if of_issues:
        _issues(" ".join(words or []), as_json=as_json)
        return
    known = ruleset(rule_folders(rules))
    found = search(known.taxonomy, words or [])
    if not found:
        raise UsageError(
            f"no behavior is called or described by {safe_text(' '.join(words or []), 200)!r}: try fewer words"
        )
    if as_json:
        typer.echo(json.dumps([one.model_dump(mode="json") | {"category": one.category} for one in found], indent=2))
    elif len(found) == 1:
        print_out(show_behavior(found[0], known))
    else:
        print_out(list_behaviors(found, known.taxonomy))


def _issues(query: str, *, as_json: bool) -> None:
    """List the issues, of all categories or of those and with those texts that have all the words."""
    known = issues.load()
    found = known.having(query)
    if not len(found):
        raise UsageError(f"no issue is called or described by {safe_text(query, 200)!r}: try fewer words")
    if as_json:
        typer.echo(json.dumps([one.model_dump(mode="json") | {"category": one.category} for one in found], indent=2))
    else:
        print_out(list_issues(found))


def search(known: Taxonomy, words: list[str]) -> list[Behavior]:
    """The behavior of that id, those of a category, or those whose texts have all the words."""
    query = " ".join(words).strip().lower()
    if query in known:
        return [known[query]]
    if query in known.categories:
        return [behavior for behavior in known if behavior.category == query]
    return [behavior for behavior in known if all(word in _text(behavior) for word in query.split())]


def _text(behavior: Behavior) -> str:
    parts = [behavior.id, behavior.title, behavior.description, behavior.severity, behavior.status]
    return " ".join([*parts, *behavior.aliases, *behavior.related, *behavior.attack, *behavior.mbc]).lower()
