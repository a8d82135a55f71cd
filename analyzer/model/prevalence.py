"""How usual something is: in how many analysed packages it was seen."""

from __future__ import annotations

from typing import Literal

from analyzer.model.base import Model, Text

PrevalenceLabel = Literal["common", "uncommon", "rare", "no data"]


class Seen(Model):
    """In how many packages, out of how many that were analysed."""

    seen: int
    of: int


class Prevalence(Model):
    """How usual a behavior or an issue is among the corpus's packages; each group has those before it too.

    `top_100` and its like are packages by downloads, `community` is every package of the corpus.
    """

    label: PrevalenceLabel
    top_100: Seen
    top_1k: Seen
    top_10k: Seen
    community: Seen


class Anomaly(Model):
    """A behavior of this package that packages of its kind seldom show. `kind` is one of `Content.kinds`, or "any"."""

    behavior: str
    kind: Text
    seen: int
    of: int


class CorpusUse(Model):
    """The corpus that prevalence is told from: how many packages, and from when to when they were analysed (dates, UTC)."""

    packages: int
    first: str = ""
    last: str = ""
    missing: Text = ""
