"""fumehood installs, starts, imports and exercises a Python package in a sealed sandbox, and tells what it did."""

__version__ = "0.1.0"
