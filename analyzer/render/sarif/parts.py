"""What SARIF logs are made of (OASIS, "Static Analysis Results Interchange Format Version 2.1.0"), whatever their findings are.

Code hosts refuse whole logs over details that the standard leaves free; GitHub's are in its documentation ("SARIF support for code
scanning", "SARIF results exceed one or more limits"): each result has a physical location, at most 25,000 results of which 5,000 are
shown, at most 20 tags of a rule of which 10 are shown, 10 MB of compressed text, `primaryLocationLineHash` as the only fingerprint.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from analyzer.render.naming import timestamp
from analyzer.render.text import safe_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.model.base import Severity

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS: Final = 5000
MAX_BYTES: Final = 8 * 1024 * 1024
"""Of all results of a run as compact JSON."""

LEVELS: Final[dict[Severity, str]] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "note",
    "info": "note",
}
SCORES: Final[dict[Severity, str]] = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "info": "0.0"}
"""`security-severity`, by which code hosts sort: the middle of each of CVSS's ranges."""

_TEXT: Final = 1000
_NAME: Final = 250
_TAGS: Final = 10
_NOTES: Final = 20
_MAX_LINE: Final = 2**31 - 1
_MAX_PATH: Final = 4096
_MEANING: Final = str.maketrans({"\\": r"\\", "[": r"\[", "]": r"\]", "{": "{{", "}": "}}"})
"""What makes links and placeholders in a message (SARIF 3.11.5, 3.11.6)."""
_SEMANTIC: Final = re.compile(r"\d{1,9}\.\d{1,9}\.\d{1,9}(?:[-+][0-9A-Za-z.+-]{1,50})?")


def document(run: dict[str, Any]) -> str:
    """A log of one run."""
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def message(text: str, limit: int = _TEXT) -> dict[str, str]:
    """A message that shows hostile text as it is: it can neither link nor ask for arguments."""
    return {"text": safe_text(text, limit).translate(_MEANING) or " "}


def tool(generator: str, rules: list[dict[str, Any]]) -> dict[str, Any]:
    """What made the log, with what it looks for."""
    name, _, version = safe_text(generator, 80).partition(" ")
    driver: dict[str, Any] = {"name": name or "fumehood", "version": version or "0"}
    if _SEMANTIC.fullmatch(version):
        driver["semanticVersion"] = version
    return {"driver": driver | {"rules": rules}}


def rule_id(identifier: str) -> str:
    """What a rule is called in a log; an id of a report from a stranger may be anything."""
    return safe_text(identifier, _NAME) or "unnamed"


def rule(
    identifier: str, title: str, meaning: str, advice: str, severity: Severity, tags: Iterable[str]
) -> dict[str, Any]:
    """What is looked for: in words, and as code hosts sort and filter it."""
    shown = rule_id(identifier)
    words = [word.capitalize() for word in re.split(r"[^A-Za-z0-9]+", identifier) if word]
    return {
        "id": shown,
        "name": ("".join(words) or shown)[:_NAME],
        "shortDescription": {"text": safe_text(title, _TEXT) or shown},
        "fullDescription": {"text": safe_text(meaning or title, _TEXT) or shown},
        "help": {"text": safe_text(advice or meaning or title, _TEXT) or shown},
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {
            "tags": list(dict.fromkeys(safe_text(tag, 100) for tag in ("security", *tags)))[:_TAGS],
            "precision": "very-high",
            "security-severity": SCORES[severity],
        },
    }


def relative_uri(path: str) -> str:
    """A path as a relative reference (RFC 3986); "" for one that is none, leads out of its folder, or is longer than a path can be."""
    if len(path) > _MAX_PATH or any(part in {"", ".", ".."} for part in path.split("/")):
        return ""
    return quote(path.encode("utf-8", "backslashreplace"))


def physical(uri: str, line: int = 1, base: str = "") -> dict[str, Any]:
    """A line of a file, as a code host wants it: with columns."""
    at = min(max(line, 1), _MAX_LINE)
    place: dict[str, Any] = {"uri": uri} | ({"uriBaseId": base} if base else {})
    region = {"startLine": at, "startColumn": 1, "endLine": at, "endColumn": 1}
    return {"physicalLocation": {"artifactLocation": place, "region": region}}


def invocation(created: str, *, complete: bool, notes: Iterable[str]) -> dict[str, Any]:
    """Whether everything was seen: what is missing stands as notifications, which viewers show."""
    told = [{"level": "warning", "message": message(note)} for note in list(notes)[:_NOTES]]
    at = timestamp(created)
    return {"executionSuccessful": complete, "toolExecutionNotifications": told} | ({"startTimeUtc": at} if at else {})


class Results:
    """Takes results as long as a code host would, and tells how many were left out, here or before. Give the most severe first."""

    def __init__(self, left_out: int = 0) -> None:
        self.taken: list[dict[str, Any]] = []
        self.left_out = left_out
        self._bytes = 0
        self._same: Counter[str] = Counter()
        self._shown: set[str] = set()

    def add(self, result: dict[str, Any], identity: Iterable[str]) -> None:
        """Adds one; `identity` is what makes it the same in another run or version. What says the same at the same place is added once."""
        size = len(text := json.dumps(result))
        if text in self._shown:
            return
        if len(self.taken) >= MAX_RESULTS or self._bytes + size > MAX_BYTES:
            self.left_out += 1
            return
        self._shown.add(text)
        self._bytes += size
        self.taken.append(result | {"partialFingerprints": self._fingerprints(identity)})

    def notes(self) -> list[str]:
        """What is to be told of it."""
        return [f"{self.left_out:,} more results are left out: code hosts take no more"] if self.left_out else []

    def _fingerprints(self, identity: Iterable[str]) -> dict[str, str]:
        digest = hashlib.sha256("\0".join(identity).encode("utf-8", "backslashreplace")).hexdigest()[:32]
        self._same[digest] += 1
        return {"primaryLocationLineHash": f"{digest[:16]}:{self._same[digest]}", "fumehood/v1": digest}
