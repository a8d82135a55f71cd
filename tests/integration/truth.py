"""The known truth of the findings of the scanned packages: `tests/data/findings/truth.yaml`, the samples' own words, and the marks in the forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from analyzer.model.confirmation import AnswerName, Finding
from tests.integration.scanned import FINDINGS, PACKAGE, modules, setup_script

_SAMPLE = re.compile(r"(shows|nearly)_\w+")


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of all findings of the scanned packages."""

    rules: Mapping[str, Mapping[str, Any]]
    singles: list[Mapping[str, Any]]
    sources: Mapping[str, list[str]]

    @classmethod
    def load(cls) -> Truth:
        """The truth, with the text of what was scanned."""
        content = yaml.safe_load((FINDINGS / "truth.yaml").read_text(encoding="utf-8"))
        texts = {path.removeprefix(f"{PACKAGE}/"): text for path, text in modules().items()}
        texts["setup.py"] = setup_script()
        sources = {path.removesuffix(".py"): text.splitlines() for path, text in texts.items()}
        return cls(content["rules"], content["findings"], sources)

    def of(self, finding: Finding, others: list[Finding]) -> AnswerName:
        """The right answer to a finding; `others` are the document's findings, among which what a module uses is looked for.

        Raises KeyError for a finding that the truth says nothing of.
        """
        rule = self.rules[_rule(finding)]
        if rule["truth"] == "none":
            return "not observable"
        if rule["truth"] == "uses":
            users = [one for one in others if _rule(one) in rule["of"] and _module(one) == _module(finding)]
            return "confirmed" if any(self.of(one, others) == "confirmed" for one in users) else "not triggered"
        return "confirmed" if self._is_done(finding, rule) else "not triggered"

    def _is_done(self, finding: Finding, rule: Mapping[str, Any]) -> bool:
        module, line = _module(finding), self.line(finding)
        if line.endswith("# never"):
            return False
        single = self._single(module, finding)
        if single is not None:
            return bool(single["done"])
        if "unless" in rule and re.search(rule["unless"], line):
            return False
        sample = _SAMPLE.fullmatch(module)
        if sample is None:
            if not line.endswith("# here"):
                raise KeyError(f"{module} {finding.line} {finding.rule}")
            return True
        return bool(rule["truth"] == "done" or (rule["truth"] == "sample" and sample[1] == "shows"))

    def line(self, finding: Finding) -> str:
        """The line that a finding names."""
        return self.sources[_module(finding)][finding.line - 1]

    def _single(self, module: str, finding: Finding) -> Mapping[str, Any] | None:
        for one in self.singles:
            if (one["module"], one["rule"]) == (module, _rule(finding)) and finding.line in one.get(
                "lines", [finding.line]
            ):
                return one
        return None


def _rule(finding: Finding) -> str:
    """A rule's name without the folder that Semgrep puts before it."""
    return finding.rule.rpartition(".")[2]


def _module(finding: Finding) -> str:
    return finding.file.removeprefix("./").removeprefix(f"{PACKAGE}/").removesuffix(".py")
