from __future__ import annotations

import ast
import json
import subprocess
import sys
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.tags import sys_tags

from analyzer.acquire.environment import environment_from
from analyzer.errors import AcquireError
from analyzer.resources import probes_directory

DESCRIBE = (probes_directory() / "interpreter" / "describe.py").read_text(encoding="utf-8")

DESCRIPTION: dict[str, Any] = {
    "python_version": "3.13.1",
    "version_info": [3, 13],
    "implementation": "cpython",
    "platform": "linux-x86_64",
    "bits": 64,
    "glibc": [2, 36],
    "free_threaded": False,
    "debug": False,
    "markers": {"python_version": "3.13"},
}


def test_this_interpreter_describes_itself_as_packaging_sees_it() -> None:
    output = subprocess.run([sys.executable, "-I", "-c", DESCRIBE], capture_output=True, check=True).stdout
    environment = environment_from(output)
    assert environment.python_version == default_environment()["python_full_version"]
    assert dict(environment.markers) == dict(default_environment())
    own = [str(tag) for tag in sys_tags() if "musllinux" not in tag.platform]
    assert set(environment.tags) == set(own)
    # Where `linux_*` stands among the platforms differs between versions of packaging; no index holds such wheels.
    assert [tag for tag in environment.tags if "-linux_" not in tag] == [tag for tag in own if "-linux_" not in tag]


def test_the_script_is_valid_for_old_interpreters() -> None:
    ast.parse(DESCRIBE, feature_version=(3, 8))
    imported = {
        alias.name for node in ast.walk(ast.parse(DESCRIBE)) if isinstance(node, ast.Import) for alias in node.names
    }
    assert imported <= set(sys.stdlib_module_names)


def test_tags_best_first() -> None:
    tags = environment_from(DESCRIPTION).tags
    assert tags[0] == "cp313-cp313-manylinux_2_36_x86_64"
    assert tags[-1] == "py30-none-any"
    assert len(set(tags)) == len(tags)
    for tag in (
        "cp313-cp313-manylinux_2_17_x86_64", "cp313-cp313-manylinux2014_x86_64", "cp313-cp313-manylinux1_x86_64",
        "cp38-abi3-manylinux_2_28_x86_64", "cp313-none-any", "py3-none-any", "py3-none-linux_x86_64",
    ):  # fmt: skip
        assert tag in tags
    assert not [tag for tag in tags if "2_37" in tag or "cp314" in tag or "cp313t" in tag or "win" in tag]


@pytest.mark.parametrize(
    ("changes", "expected", "absent"),
    [
        ({"free_threaded": True}, "cp313-cp313t-manylinux_2_36_x86_64", "cp313-cp313-manylinux_2_36_x86_64"),
        ({"debug": True}, "cp313-cp313-manylinux_2_36_x86_64", "cp312-cp312-manylinux_2_36_x86_64"),
        ({"platform": "linux-aarch64"}, "cp313-cp313-manylinux_2_17_aarch64", "cp313-cp313-manylinux_2_12_aarch64"),
        ({"bits": 32}, "cp313-cp313-manylinux_2_5_i686", "cp313-cp313-manylinux_2_5_x86_64"),
        ({"glibc": []}, "cp313-cp313-linux_x86_64", "cp313-cp313-manylinux_2_17_x86_64"),
    ],
)
def test_other_interpreters(changes: dict[str, Any], expected: str, absent: str) -> None:
    tags = environment_from(DESCRIPTION | changes).tags
    assert expected in tags
    assert absent not in tags


@pytest.mark.parametrize(
    "description",
    [
        "", "{}", "not json", json.dumps(DESCRIPTION | {"version_info": "x"}), json.dumps(DESCRIPTION | {"more": 1}),
        json.dumps(DESCRIPTION | {"implementation": "pypy"}), json.dumps(DESCRIPTION | {"platform": "macosx-14-arm64"}),
        json.dumps(DESCRIPTION | {"markers": {"os_name": "x" * 1000}}),
    ],
)  # fmt: skip
def test_descriptions_that_are_not_understood(description: str) -> None:
    with pytest.raises(AcquireError, match="--python"):
        environment_from(description)
