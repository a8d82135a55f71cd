"""Runs a program that may be run and not be read, which opens credentials."""

import os
import subprocess
from pathlib import Path


def main():
    program = Path.home() / "sealed"
    program.write_bytes(Path(__file__).with_name("sealed").read_bytes())
    program.chmod(0o111)
    subprocess.run([os.fspath(program)], check=False)
