"""Issues: what a user has to know and do about a package, made of its behaviors. Data in `data/*.yaml`, one file per category."""

from analyzer.issues.catalog import Issue, load
from analyzer.issues.finding import find

__all__ = ["Issue", "find", "load"]
