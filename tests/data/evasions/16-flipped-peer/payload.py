"""Connects and sends to addresses that a second thread writes over all the time."""

import os
import subprocess
from pathlib import Path


def main():
    program = Path.home() / "diverting"
    program.write_bytes(Path(__file__).with_name("diverting").read_bytes())
    program.chmod(0o755)
    subprocess.run([os.fspath(program)], check=False)
