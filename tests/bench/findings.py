"""`python -m tests.bench.findings FOLDER`: installs Bandit, Semgrep and GuardDog below FOLDER, and writes what they say of the scanned packages to `tests/data/findings`.

The packages are those of `tests.integration.scanned`; nothing of them is run here. Semgrep's registry of rules needs the internet, so that Semgrep
has the Python rules which GuardDog brought with it until its version 3. GuardDog 3 ends a rule after its first findings in a
package, so that each module is also scanned as a package to itself, and what was found is put together.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.integration.scanned import FINDINGS, sdist, tree

TOOLS = {
    "bandit": "bandit[sarif]==1.9.4",
    "semgrep": "semgrep==1.182.0",
    "guarddog": "guarddog==3.2.0",
    "guarddog-2": "guarddog==2.10.0",
}
"""The environments that are made, and what is installed into each."""

_RULES = "lib/python3.*/site-packages/guarddog/analyzer/sourcecode/*.yml"
_OTHER_LANGUAGES = ("go-", "npm-", "rubygems-")

_EACH = """
import json, os, sys
from guarddog.ecosystems import ECOSYSTEM
from guarddog.scanners import get_package_scanner

scanner = get_package_scanner(ECOSYSTEM.PYPI)
for folder in sys.stdin.read().splitlines():
    os.chdir(folder)
    print(json.dumps(scanner.scan_local(".")))
"""
"""Scans folders by GuardDog's own scanner, as its command line does, in one interpreter."""


def main(folder: Path) -> None:
    """Installs, scans, and keeps the documents."""
    folder = folder.resolve()
    for name, requirement in TOOLS.items():
        _install(folder / name, requirement)
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    wheel, source = tree(work), work / "source"
    with tarfile.open(sdist(work)) as archive:
        archive.extractall(source, filter="data")
    source = next(source.iterdir())
    for place, suffix in ((wheel, ""), (source, "-source")):
        bandit(folder, place, suffix)
        semgrep(folder, place, suffix)
        for name in ("guarddog", "guarddog-2"):
            _keep(f"{name}{suffix}.json", _guarddog(folder, name, place))
    _keep("guarddog-each.json", _each(folder, "guarddog", wheel))


def bandit(folder: Path, place: Path, suffix: str) -> None:
    """Bandit's document, and of the small package its SARIF too. It exits with 1 where it found something."""
    for form in ("json", "sarif") if suffix else ("json",):
        out = folder / f"bandit.{form}"
        command: list[str | Path] = [folder / "bandit/bin/bandit", "-q", "-r", ".", "-f", form, "-o", out]
        subprocess.run(command, cwd=place, check=False)
        _keep(f"bandit{suffix}.{form}", json.loads(out.read_bytes()))


def semgrep(folder: Path, place: Path, suffix: str) -> None:
    """Semgrep's document, by the rules of GuardDog 2 for Python."""
    rules = folder / "rules"
    rules.mkdir(exist_ok=True)
    for rule in (folder / "guarddog-2").glob(_RULES):
        if not rule.name.startswith(_OTHER_LANGUAGES):
            shutil.copy(rule, rules)
    out = folder / "semgrep.sarif"
    options = ["--metrics", "off", "--disable-version-check", "--no-git-ignore", "-j", "1", "-q"]
    command: list[str | Path] = [
        folder / "semgrep/bin/semgrep",
        "scan",
        *options,
        "--config",
        "rules",
        "--sarif",
        "--output",
        out,
    ]
    subprocess.run([*command, os.path.relpath(place, folder)], cwd=folder, env=_path(folder / "semgrep"), check=True)
    text = out.read_text(encoding="utf-8").replace(f"{os.path.relpath(place, folder)}/", "")
    _keep(f"semgrep{suffix}.sarif", json.loads(text))


def _install(environment: Path, requirement: str) -> None:
    if not (environment / "bin" / "python").exists():
        subprocess.run([_uv(), "venv", "-q", environment], check=True)
    subprocess.run([_uv(), "pip", "install", "-q", "--python", environment, requirement], check=True)


def _uv() -> str:
    return str(Path(sys.executable).parent / "uv")


def _guarddog(folder: Path, name: str, place: Path) -> Any:
    environment = folder / name
    command: list[str | Path] = [environment / "bin/guarddog", "pypi", "scan", ".", "--output-format", "json"]
    return json.loads(subprocess.run(command, cwd=place, env=_path(environment), check=True, stdout=-1).stdout)


def _each(folder: Path, name: str, place: Path) -> Any:
    """One document of GuardDog's form about all modules, each of which was scanned alone."""
    folders = list(_apart(place, folder / "work" / "apart"))
    command: list[str | Path] = [folder / name / "bin/python", "-c", _EACH]
    text = "\n".join(map(str, folders))
    done = subprocess.run(
        command, input=text, text=True, env=_path(folder / name), check=True, stdout=subprocess.PIPE
    ).stdout
    whole: dict[str, Any] = {"package": ".", "issues": 0, "errors": {}, "results": {}, "risks": []}
    for line in done.splitlines():
        if line.startswith("{"):
            _add(whole, json.loads(line))
    return whole


def _add(whole: dict[str, Any], one: dict[str, Any]) -> None:
    whole["issues"] += one["issues"]
    whole["errors"] |= one["errors"]
    whole["risks"] += one.get("risks", [])
    for rule, found in one["results"].items():
        if isinstance(found, list):
            whole["results"].setdefault(rule, []).extend(found)
        else:
            whole["results"].setdefault(rule, found)
    whole["results"] = {rule: found for rule, found in whole["results"].items() if found}


def _apart(place: Path, folder: Path) -> Iterator[Path]:
    """A folder for each module that holds only it, where it was."""
    shutil.rmtree(folder, ignore_errors=True)
    for number, module in enumerate(sorted(place.rglob("*.py"))):
        alone = folder / str(number) / module.relative_to(place)
        alone.parent.mkdir(parents=True)
        shutil.copy(module, alone)
        yield folder / str(number)


def _path(environment: Path) -> dict[str, str]:
    """GuardDog and Semgrep look for programs of theirs on the path; Semgrep tells nobody of its run."""
    return {**os.environ, "PATH": f"{environment / 'bin'}:{os.environ['PATH']}", "SEMGREP_SEND_METRICS": "off"}


def _keep(name: str, document: Any) -> None:
    """Writes a document without what every run makes new."""
    document.pop("generated_at", None)
    document.pop("metrics", None)  # Bandit's counts of every file's lines
    FINDINGS.mkdir(exist_ok=True)
    (FINDINGS / name).write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
