"""Writes what the documentation takes from the code: commands, behaviors, events, issues, and the JSON Schemas in `docs/schemas/`.

Run by `make docs`; a test compares the files with what this would write.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
import yaml
from pydantic import BaseModel

from analyzer.cli.app import app
from analyzer.confirm.mapping import MappingFile
from analyzer.issues import FINDING_KINDS, FindingKind, Issue, Issues
from analyzer.issues import load as load_issues
from analyzer.issues.catalog import Category as IssueFile
from analyzer.model import eventline
from analyzer.model.confirmation import Confirmation
from analyzer.model.difference import Difference
from analyzer.model.event import DETAILS
from analyzer.model.report import Report
from analyzer.policy.schema import PolicyTable
from analyzer.rules.lists import ReferenceFile
from analyzer.rules.loader import Ruleset, builtin
from analyzer.rules.schema import Pack, Rule, layer_of
from analyzer.sandbox.answers.schema import AnswerFile
from analyzer.taxonomy import Behavior
from analyzer.taxonomy.behavior import Category
from analyzer.taxonomy.vocabulary import attack, mbc

FOLDER = Path(__file__).parent
SAMPLES = FOLDER.parent / "tests" / "data" / "samples"
SCHEMAS: dict[str, type[BaseModel]] = {
    "report": Report,
    "difference": Difference,
    "taxonomy": Category,
    "rules": Pack,
    "reference": ReferenceFile,
    "answers": AnswerFile,
    "issues": IssueFile,
    "policy": PolicyTable,
    "confirmation": Confirmation,
    "mapping": MappingFile,
}
_COMMANDS_HEAD = """# Commands

<!-- made by `make docs` from analyzer/cli -->

What `--help` tells of each command. The exit codes are the same everywhere: 0 complete and nothing violates the policy, 1 a bug
of fumehood, 2 usage, 3 nothing analysed, 4 incomplete, 10 the policy is violated.
"""

_HELP_WIDTH = 78
"""Of what a terminal of 80 columns shows."""

_LAYERS = ("syscall", "packet", "filesystem", "interpreter")

_HEAD = """# Behaviors

<!-- made by `make docs` from analyzer/taxonomy, analyzer/rules and tests/data/samples -->

What fumehood can name. Each behavior was *observed*: a rule saw the event, or the events, that show it, in the kernel's
calls (syscall), on the wire (packet), in the tree that was left (filesystem) or inside the interpreter. `fumehood
taxonomy ID` shows the rules, `fumehood explain REPORT ID` goes from a report down to the raw line of the trace.

Severity says how far a behavior is from what libraries ordinarily do: **info** (every program does it), **low** (worth
knowing), **medium** (few honest libraries do it unasked), **high** (hardly any does), **critical** (none).

Every active behavior has a small program or package that shows it and one that nearly does, run on both sandboxes
(`tests/data/samples`), and each rule has examples of events (`analyzer/rules/packs`). The tables say how many.
"""


_EVENTS_HEAD = """# Events

<!-- made by `make docs` from analyzer/model/event.py and analyzer/model/eventline.py -->

`-o events=PATH` writes every event of a run as JSON lines: of all layers and of all authors, the installer and the interpreter included, in
order of time. It works for a run and for the record of one (`fumehood analyze run.record -o events=run.jsonl`); `-` is standard output.

The first line is a header: `schema_version`, `generator`, `package` (`ecosystem`, `name`, `version`), `completeness` (the report's status:
an incomplete run has incomplete events) and `events`, the number of lines that follow. Each of these is one event:

| key | meaning |
|---|---|
| `time` | seconds since the epoch |
| `phase`, `step` | install, startup, import or execute; the number of the traced command, 0 where an event belongs to a whole phase |
| `during` | what ran then, in words: `import of sample.api`, `call of sample.api:Client.get`, `script sample --help`, `install` |
| `layer` | who saw it: syscall, packet, filesystem, interpreter |
| `kind`, `detail` | what happened: one of the kinds below, and its fields |
| `pid`, `process` | the process in the tracer's numbering (0: not known), and the program that it ran |
| `outcome` | completed, or attempted for what failed |
| `attribution` | whose act it was: package, dependency, installer, interpreter |
| `location` | the line of Python behind it: `distribution`, `module`, `file`, `line`; null where that is not known |
| `source` | the raw evidence: `file` of the record, and its `line` or record from 1 (0: no line) |
| `shortened` | true where texts or lists were cut so that the line has at most 128 KiB; the cut ones end in `…` |

Lines are ASCII. Bytes that are not UTF-8 stand as backslash escapes (`\\\\udcff`). All text is hostile: a program that shows it must
escape it. `schemas/events.schema.json` is the JSON Schema of a line. Keys and kinds may be added within a schema version.

```
jq -c 'select(.kind == "socket.connect" and .attribution == "package") | [.during, .detail.address, .detail.port]' run.jsonl
jq -r 'select(.location.distribution == "sample") | "\\(.location.file):\\(.location.line) \\(.kind)"' run.jsonl | sort | uniq -c
jq -s '.[1:] | group_by(.attribution) | map({(.[0].attribution): length}) | add' run.jsonl
```

## Kinds
"""


_ISSUES_HEAD = """# Issues

<!-- made by `make docs` from analyzer/issues -->

A behavior says what a package did. An issue says what that means for whoever wants to use it: the problem, what it risks, and what to do
next, the first thing first. Most behaviors are part of no issue, since honest packages show them too.

An issue is in a report when one of the things on which it rests is there:

- **a behavior**, for many issues only in some phases. At `install`, `startup` and `import` nobody has called the package yet; what it
  does there it does *unasked*. In `execute` its commands and functions are called with made-up arguments, and what they then do may be
  what they are for.
- **a finding**, which is no behavior: what reading the package's files gave (`content.md`), what is known of the project, or how the run
  went.

What was observed stands in the issue's `evidence`, what was read in its `facts`. The two are never mixed: an address that stands in a
file is one issue, an address that was contacted is another, and every rendering says "in the files" of the one and "contacted" or
"observed" of the other.

Severity says how bad it is if it is what it looks like: **info** (good to know), **low** (honest packages have it, look once), **medium**
(settle it before you depend on the package), **high** (do not use it until it is explained), **critical** (do not use it). What follows
from it is decided by a policy, not here.

`fumehood taxonomy --issues` lists them, `fumehood explain ID` tells all of one, `fumehood explain REPORT ID` goes from an issue in a
report to its behaviors, their rules and the raw lines of the trace. Ids are fixed: none is ever renamed, or used for something else. The
texts are data, `analyzer/issues/data`, with a schema (`schemas/issues.schema.json`) and a linter.
"""

_FINDINGS: dict[FindingKind, str] = {
    "url.suspicious-tld": "an address in the files, in a top-level domain that is used for abuse far more often than others",
    "url.nonstandard-port": "an address in the files with another port than that of its protocol",
    "url.interesting-format": "an address in the files of a program, a script or an archive",
    "secret": "text in the files that has the form of a service's access token",
    "license.copyleft": "a copyleft licence of the package or of one that it needs, in metadata or licence files",
    "license.restricted": "the same of a licence that limits use or distribution",
    "project.rare": "the project is rarely used, by rank, releases, age and dependents",
    "project.vulnerable": "the index, or a given list in OSV's format, has advisories for this version",
    "run.incomplete": "the report's completeness is not `complete`",
}


def files() -> dict[Path, str]:
    """Every file that is made, with its text."""
    made = {
        FOLDER / "commands.md": "\n".join(_commands()) + "\n",
        FOLDER / "behaviors.md": "\n".join(_behaviors(builtin())) + "\n",
        FOLDER / "events.md": "\n".join(_events()) + "\n",
        FOLDER / "issues.md": "\n".join(_issues(load_issues())) + "\n",
    }
    schemas = {name: model.model_json_schema(by_alias=True) for name, model in SCHEMAS.items()}
    for name, content in {**schemas, "events": eventline.schema()}.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **content}
        made[FOLDER / "schemas" / f"{name}.schema.json"] = json.dumps(schema, indent=2, sort_keys=True) + "\n"
    return made


def help_of(name: str = "") -> str:
    """What `fumehood NAME --help` shows in a terminal of 80 columns; a command of a group is named with the group."""
    command: Any = typer.main.get_group(app)
    context = command.make_context("fumehood", [], resilient_parsing=True, terminal_width=_HELP_WIDTH)
    for word in name.split():
        command = command.get_command(context, word)
        context = command.make_context(word, [], parent=context, resilient_parsing=True)
    text: str = command.get_help(context)
    return text


def _commands() -> Iterator[str]:
    """Every command with its help, in the order of the command line."""
    yield _COMMANDS_HEAD
    yield f"```\n{help_of()}\n```"
    group: Any = typer.main.get_group(app)
    for name in group.list_commands(None):
        names = [name, *(f"{name} {below}" for below in getattr(group.get_command(None, name), "commands", ()))]
        for one in names:
            yield f"\n## {one}\n\n```\n{help_of(one)}\n```"


def _events() -> Iterator[str]:
    """The kinds of events, as the code has them in order, with their fields."""
    yield _EVENTS_HEAD
    yield "| kind | what happened | fields |\n|---|---|---|"
    for kind, detail in DETAILS.items():
        meaning = " ".join((detail.__doc__ or "").split("\n\n")[0].split())
        names = ", ".join(f"`{name}`" for name in eventline.NAMES[detail])
        yield f"| `{kind}` | {_cell(meaning)} | {names} |"


def _issues(known: Issues) -> Iterator[str]:
    """The kinds of findings, and every issue by category."""
    yield _ISSUES_HEAD
    yield "| finding | what it is |\n|---|---|"
    yield from (f"| `{kind}` | {_FINDINGS[kind]} |" for kind in FINDING_KINDS)
    yield f"\n{len(known)} issues are known.\n"
    yield "| issue | severity | causes risk |\n|---|---|---|"
    for issue in known:
        yield f"| [`{issue.id}`](#{_anchor(issue)}) | {issue.severity} | {_cell(issue.causes_risk)} |"
    for category, description in known.categories.items():
        yield f"\n## {category}\n\n{description}"
        for issue in (one for one in known if one.category == category):
            yield from _issue(issue)


def _issue(issue: Issue) -> Iterator[str]:
    yield f"\n### {issue.title}\n"
    yield f"`{issue.id}` · {issue.severity} · causes risk: {issue.causes_risk}\n"
    yield f"{issue.problem}\n"
    yield from (f"{number}. {step}" for number, step in enumerate(issue.next_steps, 1))
    yield ""
    if issue.behaviors:
        when = f", in {' or '.join(issue.phases)}" if issue.phases else ""
        whom = f", by {' or '.join(issue.attribution)}" if issue.attribution else ""
        yield f"- **Behaviors{when}{whom}:** {', '.join(f'`{one}`' for one in issue.behaviors)}"
    if issue.findings:
        yield f"- **Findings:** {', '.join(f'`{kind}`' for kind in issue.findings)}"


def _behaviors(ruleset: Ruleset) -> Iterator[str]:
    rules: dict[str, list[Rule]] = defaultdict(list)
    for rule in ruleset.rules:
        rules[rule.behavior].append(rule)
    samples = _samples()
    active = [behavior for behavior in ruleset.taxonomy if behavior.status == "active"]
    planned = [behavior for behavior in ruleset.taxonomy if behavior.status == "planned"]
    yield _HEAD
    verb = "is" if len(planned) == 1 else "are"
    more = f"; {len(planned)} more {verb} planned" if planned else ""
    yield f"{len(active)} behaviors are observed, by {len(ruleset.rules)} rules{more}.\n"
    yield "## Coverage\n"
    yield from _coverage(active, rules, samples)
    for category, description in ruleset.taxonomy.categories.items():
        found = [behavior for behavior in active if behavior.category == category]
        yield f"\n## {category}\n\n{description}"
        for behavior in found:
            yield from _behavior(behavior, rules[behavior.id])
    if planned:
        yield "\n## Not yet\n\nThese ids are fixed, and nothing witnesses them yet.\n"
        yield "| behavior | title | why not yet |\n|---|---|---|"
        for behavior in planned:
            yield f"| `{behavior.id}` | {_cell(behavior.title)} | {_cell(behavior.reason or '')} |"


def _coverage(active: list[Behavior], rules: dict[str, list[Rule]], samples: dict[str, str]) -> Iterator[str]:
    yield f"| behavior | severity | {' | '.join(_LAYERS)} | sample |"
    yield f"|---|---|{'---|' * len(_LAYERS)}---|"
    for behavior in active:
        counts = [sum(layer_of(rule.stages[-1].event) == layer for rule in rules[behavior.id]) for layer in _LAYERS]
        cells = " | ".join(f"{count} rule{'s' if count > 1 else ''}" if count else "" for count in counts)
        yield f"| [`{behavior.id}`](#{_anchor(behavior)}) | {behavior.severity} | {cells} | {samples.get(behavior.id, '')} |"


def _behavior(behavior: Behavior, rules: list[Rule]) -> Iterator[str]:
    yield f"\n### {behavior.title}\n"
    yield f"`{behavior.id}` · {behavior.severity}\n"
    yield f"{behavior.description}\n"
    evidence = sorted({_evidence(rule) for rule in rules})
    yield f"- **Evidence:** {'; '.join(evidence)}"
    yield f"- **Innocent when:** {behavior.innocent}"
    for tracer, text in behavior.limits.items():
        yield f"- **Not seen by {tracer}:** {text}"
    if behavior.attack:
        yield f"- **ATT&CK:** {', '.join(f'{one} {attack()[one].name}' for one in behavior.attack)}"
    if behavior.mbc:
        yield f"- **MBC:** {', '.join(f'{one} {mbc()[one].name}' for one in behavior.mbc)}"
    if behavior.aliases:
        yield f"- **Also called:** {' · '.join(behavior.aliases)}"
    if behavior.related:
        yield f"- **Related:** {' · '.join(behavior.related)}"


def _evidence(rule: Rule) -> str:
    events = [f"`{stage.event}`" for stage in rule.stages]
    text = ", then ".join(events)
    if rule.count is not None:
        text = f"{rule.count.at_least} times {text} in {rule.count.within:g} s"
    return text


def _samples() -> dict[str, str]:
    """For each behavior, what kind of sample shows it."""
    found: dict[str, str] = {}
    for path in sorted(SAMPLES.glob("*.yaml")):
        content: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
        for behavior, pair in content.items():
            found[behavior] = "program" if isinstance(pair["shows"], str) else "package"
    return found


def _anchor(entry: Behavior | Issue) -> str:
    """The anchor that renderers of Markdown give the heading of a behavior or an issue."""
    words = entry.title.lower().replace(" ", "-")
    return "".join(character for character in words if character.isalnum() or character in "-_")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Writes the files."""
    for path, text in files().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
