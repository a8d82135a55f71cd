"""Whoever reads a planted secret is seen to do so: each file and each variable, in every sandbox, by every tracer."""

from __future__ import annotations

import json
from pathlib import Path

from analyzer.acquire import Cache, SimpleIndex
from analyzer.model.report import Report
from analyzer.pipeline import Options, analyze
from analyzer.pipeline.analyze import Analysis
from analyzer.sandbox.decoys import Secret
from analyzer.sandbox.interface import Manner
from tests.integration.analysing import everywhere
from tests.packages import make_wheel

FILES = """
import os

for folder, folders, names in os.walk(os.path.expanduser("~")):
    folders[:] = sorted(set(folders) - {"project"})
    for name in sorted(names):
        with open(os.path.join(folder, name), "rb") as file:
            file.read()
"""
VARIABLES = """
import os
import subprocess

for number, name in enumerate(sorted(os.environ)):
    os.environ[name] if number % 2 else os.getenv(name)
    subprocess.run(["printenv", name], stdout=subprocess.DEVNULL)
subprocess.run(["env"], stdout=subprocess.DEVNULL)
"""
ONCE = Manner(callables=False)


def read(wheel: Path, sandbox: str, tracer: str, cache_directory: Path) -> tuple[Report, list[Secret]]:
    """The report of a package, and what was planted for it."""
    planted: list[Secret] = []

    def look(analysis: Analysis) -> None:
        text = (analysis.record.folder / "internet" / "secrets.json").read_text()
        planted.extend(Secret(**one) for one in json.loads(text) if "class" not in one)

    cache = Cache(cache_directory)
    options = Options(sandbox=sandbox, tracer=tracer, manner=ONCE)
    report = analyze(str(wheel), options, cache, SimpleIndex(cache), lambda stage: None, look)
    assert report.completeness.status == "complete", report.completeness.reasons
    return report, planted


def stolen(report: Report) -> dict[str, list[str]]:
    """What the evidence of theft says, by behavior; a search for secrets is told of the whole and not of each."""
    return {
        one.id: [evidence.detail for evidence in one.evidence]
        for one in report.behaviors
        if one.category == "steal" and one.id != "steal.secrets.search"
    }


@everywhere
def test_every_file_that_is_read_is_seen(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    report, planted = read(
        make_wheel(tmp_path, "sample", modules={"sample.py": FILES}), sandbox, tracer, cache_directory
    )
    told = {detail.rstrip() for details in stolen(report).values() for detail in details}
    places = {secret.path for secret in planted if secret.path.startswith("/")}
    assert len(places) > 120
    assert places - told == set()
    assert "steal.secrets.search" in {one.id for one in report.behaviors}


@everywhere
def test_every_variable_that_is_looked_up_is_seen(
    sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path
) -> None:
    report, planted = read(
        make_wheel(tmp_path, "sample", modules={"sample.py": VARIABLES}), sandbox, tracer, cache_directory
    )
    told = {detail.rstrip() for details in stolen(report).values() for detail in details}
    names = {secret.path[1:] for secret in planted if secret.path.startswith("$")}
    assert len(names) > 20
    assert {f"environment variable {name}" for name in names} - told == set()
    assert {name for name in names if not any("printenv" in detail and name in detail for detail in told)} == set()
    assert "settings.environment.enumerate" in {one.id for one in report.behaviors}


@everywhere
def test_who_does_nothing_is_said_to_do_nothing(
    sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path
) -> None:
    """Shells, git, the installer and interpreters read files of the home by themselves."""
    report, _ = read(make_wheel(tmp_path, "sample", modules={"sample.py": ""}), sandbox, tracer, cache_directory)
    assert [one.id for one in report.behaviors] == []
