"""The command line: `fumehood`."""

from analyzer.cli.main import main

__all__ = ["main"]
