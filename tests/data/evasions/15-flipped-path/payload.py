"""Opens a path that a second thread writes over all the time."""

import os
import subprocess
from pathlib import Path


def main():
    program = Path.home() / "flipping"
    program.write_bytes(Path(__file__).with_name("flipping").read_bytes())
    program.chmod(0o755)
    Path("/tmp/timetable").write_text("nothing to see\n")
    subprocess.run([os.fspath(program), "/tmp/timetable", os.path.expanduser("~/.ssh/id_ed25519")], check=False)
