"""The command line: `python3 -m searcher FOLDER`.

Where nothing was sent, which is the ordinary case, it ends before the rest of the program is imported.
"""

from __future__ import annotations

import sys

_TELLING = (b"http", b"exchange", b"tcp", b"udp", b"dns", b"payload")
_LINE = 2 << 20
_BEGIN, _END = '{"kind":"begin","format":1}\n', '{"kind":"end","pieces":0,"bytes":0}\n'


def main() -> int:
    """Search one run; 0 for success, 3 with one line on standard error when a file cannot be read or written."""
    if len(sys.argv) != 2:
        sys.stderr.write("searcher: say in which folder the record of the simulated internet is\n")
        return 2
    folder = sys.argv[1]
    try:
        if _is_quiet(f"{folder}/exchanges.jsonl") and _is_quiet(f"{folder}/packets.jsonl"):
            with open(f"{folder}/secrets.jsonl", "w", encoding="ascii") as out:
                out.write(_BEGIN + _END)
            return 0
        from searcher.program import run

        run(folder)
    except (OSError, ValueError, MemoryError) as error:
        sys.stderr.write(f"searcher: {folder}: {str(error) or 'more memory would be needed than it may use'}\n")
        return 3
    return 0


def _is_quiet(path: str) -> bool:
    """Whether a log tells of nothing that was sent."""
    beginnings = tuple(b'{"kind":"' + kind for kind in _TELLING)
    try:
        with open(path, "rb") as lines:
            while line := lines.readline(_LINE):
                if line.startswith(beginnings):
                    return False
    except FileNotFoundError:
        return True
    return True


if __name__ == "__main__":
    sys.exit(main())
