"""Many OSV records, by the projects that they are about."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from packaging.utils import canonicalize_name

from analyzer.acquire.known import MAX_VULNERABILITIES, Known, vulnerability
from analyzer.acquire.osv.matching import fixed_in, is_affected
from analyzer.acquire.osv.schema import Advisory, OsvRecord
from analyzer.model.project import Vulnerability

_DATE: Final = len("2026-01-31")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(slots=True)
class Advisories:
    """What a list of vulnerabilities says of PyPI. `records` counts those that are about it, withdrawn ones too."""

    records: int = 0
    newest: str = ""
    _of: dict[str, list[Advisory]] = field(default_factory=dict)

    def add(self, record: OsvRecord) -> None:
        """Takes a record, as far as it is about PyPI and was not withdrawn."""
        found = record.advisories()
        if not found:
            return
        self.records += 1
        if _DAY.match(record.modified):
            self.newest = max(self.newest, record.modified[:_DATE])
        if record.withdrawn is None:
            for name, advisory in found.items():
                self._of.setdefault(name, []).append(advisory)

    def known(self, name: str, version: str) -> Known:
        """The vulnerabilities of a version; none where no record names it. The note says what this rests on."""
        if not version:
            return Known(None, "which vulnerabilities the list has of it is not known, since its version is not")
        hits = [one for one in self._of.get(canonicalize_name(name), ()) if is_affected(version, one.affected)]
        return Known(tuple(_told(one, version) for one in hits[:MAX_VULNERABILITIES]), self.describe())

    def describe(self) -> str:
        """What it cannot know."""
        records = f"the list of vulnerabilities has {self.records:,} record{'' if self.records == 1 else 's'} of PyPI"
        if not self.newest:
            return f"{records}, and does not tell how old it is"
        return f"{records}, the last of them changed on {self.newest}: what was published later is not known"


def _told(hit: Advisory, version: str) -> Vulnerability:
    mended = fixed_in(version, hit.affected)
    return vulnerability(hit.id, hit.aliases, (hit.summary, hit.details), mended, hit.link, "osv")
