"""Errors as packages raise them when they are imported, and why that is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.pipeline.judging.failures import reason_of

OWN = {"sample", "_sample"}


@pytest.mark.parametrize(
    ("error", "reason", "missing"),
    [
        ("ModuleNotFoundError: No module named 'numpy'", "missing dependency", "numpy"),
        ("ModuleNotFoundError: No module named 'google.cloud'", "missing dependency", "google"),
        ("ImportError: No module named yaml", "missing dependency", "yaml"),
        ("ModuleNotFoundError: No module named 'tkinter'", "missing dependency", "tkinter"),
        ("ImproperlyConfigured: Error loading psycopg2 module: No module named 'psycopg2'", "missing dependency", "psycopg2"),
        ("ModuleNotFoundError: No module named 'sample._speedups'", "raised", ""),
        ("ModuleNotFoundError: No module named '_sample'", "raised", ""),
        ("ModuleNotFoundError: No module named 'winreg'", "other platform", "winreg"),
        ("ModuleNotFoundError: No module named 'win32com.client'", "other platform", "win32com"),
        ("ModuleNotFoundError: No module named 'AppKit'", "other platform", "AppKit"),
        ("ModuleNotFoundError: No module named 'distutils'", "other Python version", "distutils"),
        ("ModuleNotFoundError: No module named 'tomllib'", "other Python version", "tomllib"),
        ("ModuleNotFoundError: No module named 'string.templatelib'", "other Python version", "string"),
        ("ImportError: cannot import name 'WinDLL' from 'ctypes' (/usr/lib/python3.11/ctypes/__init__.py)", "other platform", ""),
        ("AttributeError: module 'ctypes' has no attribute 'windll'", "other platform", ""),
        ("AttributeError: module 'asyncio' has no attribute 'ProactorEventLoop'", "other platform", ""),
        ("AttributeError: module 'subprocess' has no attribute 'STARTUPINFO'", "other platform", ""),
        ("RuntimeError: This module is only available on Windows", "other platform", ""),
        ("ImportError: only for Windows", "other platform", ""),
        ("OSError: Unsupported platform: linux", "other platform", ""),
        ("ImportError: sendfile is not supported on this platform", "other platform", ""),
        ("RuntimeError: macOS only", "other platform", ""),
        ("django.core.exceptions.ImproperlyConfigured: settings", "needs configuration", ""),
        ("ImproperlyConfigured: Requested setting INSTALLED_APPS, but settings are not configured.", "needs configuration", ""),
        ("AppRegistryNotReady: Apps aren't loaded yet.", "needs configuration", ""),
        (
            "RuntimeError: Model class sample.models.Site doesn't declare an explicit app_label and isn't in INSTALLED_APPS.",
            "needs configuration",
            "",
        ),
        ("KeyError: 'API_TOKEN'", "needs configuration", ""),
        ("RuntimeError: the environment variable SAMPLE_HOME must be set", "needs configuration", ""),
        ("TclError: no display name and no $DISPLAY environment variable", "needs configuration", ""),
        ('RuntimeError: Form data requires "python-multipart" to be installed.', "missing dependency", "python-multipart"),
        ("ImportError: email-validator is not installed, run `pip install 'pydantic[email]'`", "missing dependency", "pydantic[email]"),
        ("ImportError: please run pip install --upgrade pandas", "missing dependency", "pandas"),
        ("ImportError: libGL.so.1: cannot open shared object file: No such file or directory", "missing dependency", "libGL.so.1"),
        ("Skipped: could not import 'hypothesis': something", "missing dependency", "hypothesis"),
        ("SystemExit: 2", "ended the interpreter", ""),
        ("ZeroDivisionError: division by zero", "raised", ""),
        ("KeyError: 'lower'", "raised", ""),
        ("ImportError: cannot import name 'Thing' from 'other'", "raised", ""),
        ("an error that cannot be told", "raised", ""),
    ],
)  # fmt: skip
def test_the_reason_is_told_from_the_error(error: str, reason: str, missing: str) -> None:
    found = reason_of(error, OWN)
    assert (found.text, found.missing) == (reason, missing)


@given(st.text())
def test_any_text_has_a_reason(text: str) -> None:
    assert reason_of(f"Error: {text}", OWN).text


@pytest.mark.parametrize(
    "text", ["requires " * 100_000, "pip install " * 100_000, "a environment variable " * 100_000, "'" * 10**6]
)
def test_no_error_takes_long_to_read(text: str) -> None:
    """Only its beginning is looked at: under the test's time limit, whatever the text."""
    assert reason_of(text, OWN).text
