"""Imports the extension that lies beside it."""

from . import native
