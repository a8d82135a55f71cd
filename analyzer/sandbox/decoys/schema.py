"""What `data/*.yaml` may say: the files and variables that are planted. `docs/decoys.md` explains it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from analyzer.datafile import DataFile, yaml_files
from analyzer.sandbox.decoys.templates import places
from analyzer.sandbox.decoys.values import KINDS

_CONTENTS: Final = ("text", "json", "bytes", "base64", "database")
_DAYS: Final = 2000

Path = Annotated[str, Field(pattern=r"^[^/\x00](?:[^\x00])*$", max_length=200)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Database(_Model):
    """An SQLite database: the statements that make its tables, and rows by table, as lists of values in the order of its columns.

    A value that is a text is a template; `{raw: TEMPLATE}` are bytes, and `{sealed: TEMPLATE}` is encrypted as Chromium does where the
    desktop has no keyring.
    """

    tables: str
    rows: dict[str, list[list[Any]]] = {}
    version: int = 0


class File(_Model):
    """A file below the home.

    It has one content: a template as `text`, or as `bytes` (characters up to 255), a value of `json` with templates in it, a `database`,
    or `base64`, which is the same in each run.

    `days` is how long ago it was changed. Without a secret in it, a file only makes the home a lived-in one.
    """

    path: Path
    mode: Annotated[str, Field(pattern=r"^[0-7]{3}$")] = "600"
    days: Annotated[int, Field(ge=1, le=_DAYS)]
    text: str | None = None
    json_: Annotated[Any, Field(alias="json")] = None
    indent: int | None = 2
    bytes: str | None = None
    base64: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/=]+$")] | None = None
    database: Database | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = [name for name, content in zip(_CONTENTS, self.contents, strict=True) if content is not None]
        if len(given) != 1:
            raise ValueError(
                f"{self.path} has {' and '.join(given) or 'no content'}; give one of {', '.join(_CONTENTS)}"
            )
        if ".." in self.path.split("/"):
            raise ValueError(f"{self.path} leads out of the home")
        return self

    @property
    def contents(self) -> tuple[Any, ...]:
        """Its content by kind, of which one is not None."""
        return self.text, self.json_, self.bytes, self.base64, self.database


class Repository(_Model):
    """The `.git` of a folder below the home, with one commit of planted files, by their paths below the home."""

    path: Path
    days: Annotated[int, Field(ge=1, le=_DAYS)]
    author: str
    message: str
    tracked: list[Path]


class Document(_Model):
    """One file of decoys. `names` are templates for names that paths and texts share, as places of their own, such as `{firefox}`."""

    description: str
    names: dict[str, str] = {}
    files: list[File] = []
    repositories: list[Repository] = []
    environment: dict[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")], str] = {}


def check(documents: list[Document]) -> None:
    """Raises ValueError for a path that is there twice, and for a place that nothing can fill."""
    names = {name for document in documents for name in document.names}
    known: dict[str, str] = {}
    seen: set[str] = set()
    for document in documents:
        for file in document.files:
            if file.path in seen:
                raise ValueError(f"{file.path} is there twice")
            seen.add(file.path)
        for where, template in _templates(document):
            _check_places(where, template, names, known)


def _check_places(where: str, template: str, names: set[str], known: dict[str, str]) -> None:
    for kind, word, name in places(template):
        if kind in {"same", "public"}:
            if word not in known:
                raise ValueError(f"{where}: nothing before it is named {word!r}")
        elif kind not in names and kind not in KINDS:
            raise ValueError(f"{where}: {kind!r} is no kind of value")
        if name is not None and known.setdefault(name, where) != where:
            raise ValueError(f"{where}: {known[name]} has a secret of the name {name!r} as well")


def _templates(document: Document) -> Iterator[tuple[str, str]]:
    yield from document.names.items()
    for file in document.files:
        yield file.path, file.path
        for content in file.contents:
            yield from ((file.path, text) for text in _texts(content))
    for name, text in document.environment.items():
        yield f"${name}", text


def _texts(content: Any) -> Iterator[str]:
    """All texts inside of a content."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, Database):
        yield from _texts(content.rows)
    elif isinstance(content, dict):
        for key, value in content.items():
            yield from _texts(key)
            yield from _texts(value)
    elif isinstance(content, list):
        for one in content:
            yield from _texts(one)


@cache
def load() -> tuple[Document, ...]:
    """What this version plants. Raises UsageError, naming file and line, where a file is broken."""
    folder = files("analyzer.sandbox.decoys").joinpath("data")
    return tuple(DataFile(path, "decoy file", shipped=True).read(Document) for path in yaml_files(folder))
