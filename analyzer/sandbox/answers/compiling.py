"""Makes of all answers the file that the simulated internet reads when it starts (`probes/internet/answers.py`, format 1)."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from analyzer.datafile import DataFile
from analyzer.errors import UsageError
from analyzer.rules import lists
from analyzer.sandbox.answers.folder import Additional, read_folder
from analyzer.sandbox.answers.schema import ADDRESS, AnswerFile, Conditions, HttpAnswer, ListOfHosts
from analyzer.sandbox.decoys import Secret
from analyzer.sandbox.decoys.templates import Filler, filled

DATA: Final = ("clouds.yaml", "addresses.yaml", "services.yaml", "indexes.yaml", "kinds.yaml")
"""The files of `data`, in the order in which their answers are tried."""

_FORMAT: Final = 1
_PLACE: Final = re.compile(r"\{[a-z][a-z0-9-]*(?::[^{}\n]*?)?(?: as [^{}\n:]+)?\}")


def read(folder: Path) -> Additional:
    """The answers of a user's folder. Raises UsageError, in one line, for whatever cannot be read or served."""
    found = read_folder(folder)
    compile_answers(additional=found)
    return found


def place(folder: Path, *, off: bool, additional: Additional | None) -> list[Secret]:
    """Writes `answers.json`, and the user's files below `answers/`, into a folder; gives the secrets that are served.

    Raises UsageError where a file of the user's cannot be copied.
    """
    content, planted = compile_answers(off=off, additional=additional)
    _write(folder / "answers.json", json.dumps(content).encode("ascii"))
    if additional is not None:
        target = folder / "answers"
        target.mkdir()
        target.chmod(0o755)
        for number, source in enumerate(_sources(additional)):
            try:
                shutil.copyfile(source, target / str(number))
            except OSError as error:
                raise UsageError(f"--internet: {source} cannot be read: {error.strerror}") from error
            (target / str(number)).chmod(0o644)
    return [] if off else planted


def compile_answers(*, off: bool = False, additional: Additional | None = None) -> tuple[dict[str, Any], list[Secret]]:
    """The content of `answers.json`, and the secrets in it, which are new with each call."""
    address = f"192.0.2.{10 + secrets.randbelow(230)}"
    filler = Filler()
    planted: list[Secret] = []
    answers: list[dict[str, Any]] = []
    dns: list[dict[str, Any]] = []
    numbers = {path: str(number) for number, path in enumerate(_sources(additional))} if additional else {}
    bodies = {name: numbers[path] for name, path in additional.bodies.items()} if additional else {}
    for file in ([additional.answers] if additional else []) + list(_shipped()):
        for answer in file.answers:
            answers.append(_answer(answer, filler, bodies))
            planted += [Secret(name, _url(answer), value) for name, value in filler.take_secrets()]
        dns += [
            {"name": one.name, "type": one.type, "answers": [data.replace(ADDRESS, address) for data in one.answers]}
            for one in file.dns
        ]
    content = {
        "format": _FORMAT,
        "network": "off" if off else "simulated",
        "address": address,
        "key": secrets.token_hex(16),
        "files": _files(additional, numbers) if additional else {},
        "answers": answers,
        "dns": dns,
    }
    return content, planted


@cache
def _shipped() -> tuple[AnswerFile, ...]:
    folder = files("analyzer.sandbox.answers").joinpath("data")
    return tuple(DataFile(folder.joinpath(name), "answers", name, shipped=True).read(AnswerFile) for name in DATA)


def _sources(additional: Additional) -> list[Path]:
    """The files to copy, each once."""
    return list(dict.fromkeys([*additional.bodies.values(), *(one.file for one in additional.files)]))


def _files(additional: Additional, numbers: dict[Path, str]) -> dict[str, dict[str, list[str]]]:
    """By host and path, the number under which a file's copy is and its media type."""
    hosts: dict[str, dict[str, list[str]]] = {}
    for one in additional.files:
        hosts.setdefault(one.host, {})[one.path] = [numbers[one.file], one.type]
    return hosts


def _answer(answer: HttpAnswer, filler: Filler, bodies: dict[str, str]) -> dict[str, Any]:
    conditions = answer.for_
    compiled: dict[str, Any] = {
        "hosts": _hosts(conditions),
        "paths": conditions.paths,
        "suffixes": [one.lower() for one in conditions.suffixes],
        "methods": [one.upper() for one in conditions.methods],
        "headers": {name.lower(): part.lower() for name, part in conditions.headers.items()},
        "query": conditions.query.lower(),
        "status": answer.status,
        "type": answer.type,
        "fields": [[name, _fill(value, filler)] for name, value in answer.headers.items()],
        "text": _fill(answer.text or "", filler),
        "base64": answer.base64,
        "file": bodies[answer.file] if answer.file is not None else None,
        "make": answer.make,
    }
    if answer.json_ is not None:
        compiled["text"] = json.dumps(
            filled(answer.json_, lambda text: _fill(text, filler), str), separators=(",", ":")
        )
        compiled["type"] = answer.type or "application/json"
    return {name: value for name, value in compiled.items() if value}


def _hosts(conditions: Conditions) -> list[str]:
    """Names and patterns; those of a list with all that is below them."""
    hosts: list[str] = []
    for one in conditions.hosts:
        if isinstance(one, ListOfHosts):
            known = lists.load().get(one.in_)
            if known is None or known.kind != "domains":
                raise UsageError(f"answers: there is no reference list of domains called {one.in_!r}")
            hosts += [f".{name}" for name in known.entries]
        else:
            hosts.append(one)
    return hosts


def _fill(text: str, filler: Filler) -> str:
    """The text with its places for secrets filled; others stay for when it is asked."""
    try:
        return _PLACE.sub(lambda place: filler.fill(place[0]), text)
    except (KeyError, ValueError) as error:
        raise UsageError(f"answers: {text[:100]!r} has a place that cannot be filled: {error}") from error


def _url(answer: HttpAnswer) -> str:
    """Where a secret is served: the first host and path of its answer."""
    host = next((one for one in answer.for_.hosts if isinstance(one, str)), "*")
    return f"http://{host}{answer.for_.paths[0] if answer.for_.paths else '/'}"


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o644)
