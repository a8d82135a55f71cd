"""Imports the modules named on standard input (a JSON list), one after the other, and says how each went.

It runs inside the sandbox, in the package's own process, as the package's user: all that it says is hearsay, and only tells the
supervisor how far it got. Lines on the descriptor `--progress FD`: {"begin": module}, {"end": module, "error": text} and {"done": true}.
Standard library only, and as little of it as possible, so that the package meets a nearly bare interpreter (3.9 and later).
"""

import importlib
import json
import os
import sys
import threading
import time

_LINGER_SECONDS = 0.7
"""How long a started thread, child or listening socket may go on after the last import."""


def main() -> None:
    """Runs the imports, then gives what they started in the background a moment."""
    progress = int(sys.argv[sys.argv.index("--progress") + 1])
    modules = json.load(sys.stdin)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = [""]
    sys.path[0] = ""
    before = _listening()
    for module in modules:
        _say(progress, {"begin": module})
        _say(progress, {"end": module, "error": _import(module)})
    if threading.active_count() > 1 or _listening() - before:
        time.sleep(_LINGER_SECONDS)
    _say(progress, {"done": True})


def _import(module: str) -> str:
    try:
        importlib.import_module(module)
    except BaseException as error:  # noqa: BLE001 whatever a module raises, exits included, costs only itself
        return (type(error).__name__ + ": " + str(error))[:1000]
    return ""


def _listening() -> set:
    """The TCP sockets of this network that wait for connections (state 0A), as their local addresses."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as lines:
                found.update(fields[1] for fields in map(str.split, lines) if fields[3:4] == ["0A"])
        except OSError:
            continue
    return found


def _say(descriptor: int, message: dict) -> None:
    os.write(descriptor, (json.dumps(message) + "\n").encode())


if __name__ == "__main__":
    main()
