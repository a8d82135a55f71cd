"""Vulnerabilities from a file in the OSV format (https://ossf.github.io/osv-schema/), without asking anybody.

`read_advisories` reads what the user names, `Advisories.known` answers for one version.
"""

from __future__ import annotations

from analyzer.acquire.osv.advisories import Advisories
from analyzer.acquire.osv.reading import read_advisories

__all__ = ["Advisories", "read_advisories"]
