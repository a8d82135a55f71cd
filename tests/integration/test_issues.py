"""Issues that rest on what was observed, in real runs: a package that does it all unasked, and one that only nearly does.

The programs are those of `tests/data/samples`, as modules that do at import what they do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from analyzer.model.report import IssueReport, Report
from analyzer.sandbox.interface import Manner
from tests.integration.analysing import report_of
from tests.packages import make_sdist

pytestmark = [pytest.mark.index, pytest.mark.embedded]

AT_IMPORT = {
    "evasion.looks-around": "evasion.debugger.detect",
    "evasion.self-delete": "stealth.self.delete",
    "evasion.watchers": "evasion.tracer.avoid",
    "execution.download": "execution.download.run",
    "execution.hidden-code": "execution.code.base64",
    "execution.reverse-shell": "network.shell.reverse",
    "network.contact.unasked": "network.http.connect",
    "network.drop.unasked": "network.webhook.discord",
    "network.server.unasked": "network.socket.listen",
    "persistence.access": "autostart.ssh-key.add",
    "persistence.autostart": "autostart.shell-startup.modify",
    "persistence.interpreter": "autostart.interpreter.hook",
    "tampering.documents": "file.data.wipe",
    "tampering.publish": "network.registry.publish",
    "tampering.system": "settings.hosts.modify",
    "theft.credentials": "steal.ssh-key.read",
    "theft.eavesdropping": "monitor.keyboard.capture",
    "theft.machine-facts": "steal.system-info.exfiltrate",
    "theft.private-stores": "steal.browser.read",
    "theft.tokens": "steal.ci-credentials.read",
}
"""Issues, and the sample behind each that becomes a module."""

AT_INSTALL = {"execution.at-install", "execution.at-install.unusual", "execution.at-start", "execution.at-start.acts"}
OTHER_PACKAGE = "tampering.other-package"

_SETUP = """\
import subprocess
from setuptools import setup

subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
setup(
    name="unasked", version="1.0", packages=["unasked"], data_files=[("lib/python3.11/site-packages", ["unasked.pth"])],
    install_requires=["six==1.17.0"],
)
"""
_PTH = "import os; os.system('true')\n"
_SIX = """\
import six
with open(six.__file__, "a") as file:
    file.write("# more\\n")
"""

_HONEST_SETUP = """\
from setuptools import setup

setup(name="asked", version="1.0", packages=["asked"], data_files=[("lib/python3.11/site-packages", ["asked.pth"])])
"""
_HONEST_PTH = "import os; os.environ.get('ASKED_START') and __import__('asked')\n"


def _samples() -> dict[str, dict[str, Any]]:
    folder = Path(__file__).parents[1] / "data" / "samples"
    return {
        behavior: pair
        for path in folder.glob("*.yaml")
        for behavior, pair in yaml.safe_load(path.read_text(encoding="utf-8")).items()
    }


def _modules(package: str, which: str) -> dict[str, str]:
    samples = _samples()
    modules = {f"{package}/{issue.replace('.', '_').replace('-', '_')}.py": samples[behavior][which]
               for issue, behavior in AT_IMPORT.items()}  # fmt: skip
    return modules | {f"{package}/__init__.py": ""}


def _report(sdist: Path, cache_directory: Path) -> Report:
    report = report_of(sdist, "embedded", "kernel", cache_directory, Manner(callables=False))
    assert report.phases[0].status == "ok", report.phases[0].detail
    return report


@pytest.fixture(scope="module")
def unasked(tmp_path_factory: pytest.TempPathFactory, cache_directory: Path) -> dict[str, IssueReport]:
    files = _modules("unasked", "shows") | {"unasked.pth": _PTH, "unasked/other.py": _SIX}
    sdist = make_sdist(
        tmp_path_factory.mktemp("unasked"), "unasked", files=files, setup_py=_SETUP, requires=["six==1.17.0"]
    )
    return {issue.id: issue for issue in _report(sdist, cache_directory).issues}


@pytest.mark.parametrize(("issue", "behavior"), AT_IMPORT.items())
def test_it_is_there_with_its_module_as_evidence(unasked: dict[str, IssueReport], issue: str, behavior: str) -> None:
    assert issue in unasked
    module = f"unasked/{issue.replace('.', '_').replace('-', '_')}.py"
    places = {one.location.file for one in unasked[issue].evidence if one.location is not None}
    assert any(place.endswith(module) for place in places), places


def test_what_it_does_at_installation_and_start_is_there(unasked: dict[str, IssueReport]) -> None:
    assert set(unasked) >= AT_INSTALL | {OTHER_PACKAGE}
    assert any("sleep" in one.detail for one in unasked["execution.at-install.unusual"].evidence)
    assert {one.phase for one in unasked["execution.at-start.acts"].evidence} == {"startup"}
    assert any("six.py" in one.detail for one in unasked[OTHER_PACKAGE].evidence)


def test_what_nearly_does_it_has_no_such_issue(tmp_path: Path, cache_directory: Path) -> None:
    files = _modules("asked", "nearly") | {"asked.pth": _HONEST_PTH}
    report = _report(make_sdist(tmp_path, "asked", files=files, setup_py=_HONEST_SETUP), cache_directory)
    found = {issue.id: issue for issue in report.issues}
    assert set(found) & set(AT_IMPORT) == {"network.contact.unasked"}
    assert set(found) & (AT_INSTALL | {OTHER_PACKAGE}) == {"execution.at-start"}
    assert found["execution.at-start"].severity == "low"
