"""The program that reads a package's files: a `Task` as JSON on standard input, the `FileFacts` as JSON on standard output.

Its argument is the number of the process that starts it.
Started by its path (`process.py`), with an interpreter that heeds neither environment nor working folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

# Behind everything else: of this folder the interpreter is to take nothing but this package.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from analyzer.content.confinement import confine
from analyzer.content.reading import Task, read_files


def main() -> None:
    """Reads, and ends."""
    confine(int(sys.argv[1]))
    task = Task.model_validate_json(sys.stdin.buffer.read())
    sys.stdout.buffer.write(read_files(task).document())


if __name__ == "__main__":
    main()
