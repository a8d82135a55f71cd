"""What has to hold after a run that was killed: nothing is left, no file is half, and no report tells that all went well."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from analyzer.errors import FumehoodError
from analyzer.pipeline.records import opened
from analyzer.store.reports import load_report
from analyzer.store.unpacking import unpack


def half_files(folder: Path, scratch: Path) -> list[str]:
    """What is wrong with the files in a folder of outputs: only whole reports and records may be there."""
    wrong = []
    for path in folder.iterdir():
        try:
            if path.name == "report.json":
                load_report(path)
            elif path.name == "run.record":
                _open_record(path, scratch)
            else:
                wrong.append(f"a strange file {path.name}")
        except (FumehoodError, ValueError, zipfile.BadZipFile) as error:
            wrong.append(f"{path.name} is not whole: {error}")
    return wrong


def told(path: Path) -> tuple[str, list[str]]:
    """How complete a report says that it is, and why not; nothing where there is none."""
    if not path.exists():
        return "", []
    found = json.loads(path.read_text())["completeness"]
    return found["status"], found["reasons"]


def strays(cache: Path) -> list[str]:
    """Files of a cache that are not entries."""
    return [f"cache {path}" for path in cache.rglob("*") if path.is_file() and path.name.startswith((".", "tmp"))]


def _open_record(path: Path, scratch: Path) -> None:
    folder = scratch / "opened"
    folder.mkdir()
    try:
        unpack(path, folder)
    finally:
        for one in sorted(folder.rglob("*"), reverse=True):
            one.rmdir() if one.is_dir() else one.unlink()
        folder.rmdir()


def work_was_over(record: Path, time: float) -> bool:
    """Whether the last command of a run had ended by then, so that what was killed in the package's container had nothing left to do."""
    with opened(record) as (found, _):
        return all(step.end <= time for step in found.steps())
