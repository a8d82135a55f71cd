"""Makes the decoys of one run."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from analyzer.sandbox.decoys import databases, repositories
from analyzer.sandbox.decoys.schema import File, Repository, load
from analyzer.sandbox.decoys.templates import Filler, filled
from analyzer.sandbox.person import HOME

_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Secret:
    """A planted value. `path` is where the package finds it: a file, or `$NAME` of an environment variable."""

    name: str
    path: str
    value: str


@dataclass(frozen=True, slots=True)
class Decoys:
    """What is planted in one run.

    `files` are entries of the plan: path below the home, octal mode, time of the last change (seconds since 1970), and `text` or
    `base64`. `environment` are variables, `secrets` all planted values that are long enough to be proof of their being sent.
    """

    files: list[dict[str, Any]]
    environment: dict[str, str]
    secrets: list[Secret]


def make() -> Decoys:
    """The decoys of one run. Values are new with each call."""
    filler = Filler()
    planted = Decoys([], {}, [])
    now = int(time.time())
    for document in load():
        filler.names.update({name: filler.fill(template) for name, template in document.names.items()})
        for file in document.files:
            path = filler.fill(file.path)
            entry = {"path": path, "mode": file.mode, "changed": _time(now, file.days), **_content(file, filler)}
            planted.files.append(entry)
            planted.secrets.extend(Secret(name, f"{HOME}/{path}", value) for name, value in filler.take_secrets())
        for repository in document.repositories:
            planted.files.extend(_repository(repository, planted.files, _time(now, repository.days)))
        for variable, template in document.environment.items():
            planted.environment[variable] = filler.fill(template)
            planted.secrets.extend(Secret(name, f"${variable}", value) for name, value in filler.take_secrets())
    return planted


def _time(now: int, days: int) -> int:
    """Some time on the day so many days ago."""
    return now - days * _DAY - secrets.randbelow(_DAY)


def _repository(repository: Repository, planted: list[dict[str, Any]], changed: int) -> Iterator[dict[str, Any]]:
    texts = {entry["path"]: entry.get("text", "").encode() for entry in planted}
    tracked = {path.removeprefix(f"{repository.path}/"): texts[path] for path in repository.tracked}
    for path, content in repositories.files(tracked, repository.author, repository.message, changed):
        yield {
            "path": f"{repository.path}/.git/{path}",
            "mode": "444" if path.startswith("objects/") else "644",
            "changed": changed,
            "base64": _packed(content),
        }


def _content(file: File, filler: Filler) -> dict[str, str]:
    if file.text is not None:
        return {"text": filler.fill(file.text)}
    if file.base64 is not None:
        return {"base64": file.base64}
    if file.bytes is not None:
        return {"base64": _packed(filler.fill(file.bytes).encode("latin-1"))}
    if file.database is not None:
        return {"base64": _packed(databases.make(file.database, filler))}
    separators = (",", ":") if file.indent is None else None
    text = json.dumps(
        filled(file.json_, filler.fill, filler.fill), indent=file.indent, separators=separators, ensure_ascii=False
    )
    return {"text": f"{text}\n" if file.indent is not None else text}


def _packed(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
