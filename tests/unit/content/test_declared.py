from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.content import declared
from analyzer.errors import AcquireError

METADATA = b"""Metadata-Version: 2.4
Name: Demo
Version: 1.0
License-Expression: MIT OR Apache-2.0
Classifier: Topic :: Internet
Classifier: License :: OSI Approved :: MIT License
Requires-Dist: Some_Name>=1
Requires-Dist: tests; extra == "dev"
Requires-Dist: other; python_version < "4"
Requires-Dist: !!!

text
"""


def test_metadata() -> None:
    told = declared.core(METADATA)
    assert (told.name, told.version, told.expression) == ("Demo", "1.0", "MIT OR Apache-2.0")
    assert told.license_classifiers() == ["License :: OSI Approved :: MIT License"]
    assert told.requires == ("some-name", "other")


@pytest.mark.parametrize(
    ("license", "expected"),
    [('"MIT"', ("MIT", "")), ('{text = "BSD"}', ("", "BSD")), ('{file = "LICENSE"}', ("", "")), ("3", ("", ""))],
)
def test_pyproject(license: str, expected: tuple[str, str]) -> None:
    text = f'[project]\nname = "demo"\nlicense = {license}\ndependencies = ["A.b"]\nscripts = {{x = "a:b"}}\n'
    told = declared.project(text.encode())
    assert (told.expression, told.license) == expected
    assert told.requires == ("a-b",)
    assert told.scripts


@pytest.mark.parametrize("content", [b"[project", b"\xff", b"a = 1\na = 2"])
def test_an_unreadable_pyproject_is_an_error(content: bytes) -> None:
    with pytest.raises(AcquireError):
        declared.project(content)


def test_requires_txt_ends_at_the_first_extra() -> None:
    assert declared.requires_txt(b"one>=1\n\ntwo\n[dev]\nthree\n") == ("one", "two")


@pytest.mark.parametrize(("content", "expected"), [(b"[console_scripts]\na=b:c", True), (b"[plugins]\na=b", False)])
def test_scripts(content: bytes, expected: bool) -> None:
    assert declared.has_scripts(content) is expected


@given(st.binary(max_size=500))
def test_any_bytes(content: bytes) -> None:
    for parse in (declared.core, declared.project):
        try:
            told = parse(content)
        except AcquireError as error:
            assert str(error).isprintable()
        else:
            assert len(told.requires) <= 2000
    declared.requires_txt(content)
    declared.has_scripts(content)
