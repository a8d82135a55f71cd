"""Issues: what a user has to know and do about a package, made of its behaviors and of what was read about it.

Data in `data/*.yaml`, one file per category.
"""

from analyzer.issues.catalog import FINDING_KINDS, FindingKind, Issue, Issues, load
from analyzer.issues.finding import find

__all__ = ["FINDING_KINDS", "FindingKind", "Issue", "Issues", "find", "load"]
