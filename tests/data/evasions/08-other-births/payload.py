"""Acts in tasks that are made in other ways than by fork."""

import os
import subprocess
from pathlib import Path


def main():
    program = Path.home() / "births"
    program.write_bytes(Path(__file__).with_name("births").read_bytes())
    program.chmod(0o755)
    subprocess.run([os.fspath(program)], check=False)
