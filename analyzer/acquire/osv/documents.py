"""The forms in which OSV records come: one record, a list, what the tools and the API of OSV answer, or a record a line."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from analyzer.acquire.osv.schema import OsvRecord
from analyzer.acquire.text import shown


class NoRecordsError(Exception):
    """It holds no records, or one that is not of the format; the text is the reason and what to do."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Package(_Part):
    vulnerabilities: list[OsvRecord] | None = None


class _Result(_Part):
    vulns: list[OsvRecord] | None = None
    packages: list[_Package] | None = None


class _Answer(_Part):
    """`vulns` as the API answers, `results` as the API and osv-scanner write them."""

    id: str | None = None
    vulns: list[OsvRecord] | None = None
    results: list[_Result] | None = None


_RECORDS = TypeAdapter(list[OsvRecord])


def records(content: bytes) -> Iterator[OsvRecord]:
    """The records of a document.

    Raises:
        NoRecordsError: It is not of the format.
    """
    text = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"["):
        yield from _list(text)
    elif not text.startswith(b"{"):
        raise NoRecordsError("it is no JSON; give records in the OSV format")
    else:
        yield from _object(text)


def _object(text: bytes) -> Iterator[OsvRecord]:
    try:
        answer = _Answer.model_validate_json(text)
    except ValidationError as error:
        if error.errors(include_url=False)[0]["type"] != "json_invalid" or b"\n" not in text.strip():
            raise NoRecordsError(_reason(error)) from error
        yield from _lines(text)
        return
    if answer.vulns is not None:
        yield from answer.vulns
    elif answer.results is not None:
        yield from _scanned(answer.results)
    elif answer.id is not None:
        yield _one(text, "")
    else:
        raise NoRecordsError("it has no records; give records in the OSV format")


def _scanned(results: list[_Result]) -> Iterator[OsvRecord]:
    for result in results:
        yield from result.vulns or ()
        for package in result.packages or ():
            yield from package.vulnerabilities or ()


def _lines(text: bytes) -> Iterator[OsvRecord]:
    for number, line in enumerate(text.split(b"\n"), 1):
        if line.strip():
            yield _one(line, f"line {number}: ")


def _one(text: bytes, place: str) -> OsvRecord:
    try:
        return OsvRecord.model_validate_json(text)
    except ValidationError as error:
        raise NoRecordsError(place + _reason(error)) from error


def _list(text: bytes) -> list[OsvRecord]:
    try:
        return _RECORDS.validate_json(text)
    except ValidationError as error:
        raise NoRecordsError(_reason(error)) from error


def _reason(error: ValidationError) -> str:
    """The first of what is wrong, on one line."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    what = f"{shown(place)}: {shown(first['msg'])}" if place else shown(first["msg"])
    return f"it is not in the OSV format ({what}); get it again"
