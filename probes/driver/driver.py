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

_MAX_ERROR = 1000
"""Characters of what a module raised."""
_LINGER_SECONDS = 0.7
"""How long a started thread, child or listening socket may go on after the last import."""


class Progress:
    """The pipe to the supervisor. Modules close and reuse descriptors, so it is looked at before each message."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._identity = self._look()

    def say(self, message: dict[str, object]) -> None:
        """Sends one message. Ends the interpreter when the pipe is gone, since the rest would be in vain."""
        if self._look() != self._identity:
            raise SystemExit("the module closed a descriptor that is not its own")
        os.write(self._descriptor, (json.dumps(message) + "\n").encode())

    def _look(self) -> tuple[int, int]:
        try:
            status = os.fstat(self._descriptor)
        except OSError:
            return (0, 0)
        return (status.st_dev, status.st_ino)


def main() -> None:
    """Runs the imports, then gives what they started in the background a moment."""
    progress = Progress(int(sys.argv[sys.argv.index("--progress") + 1]))
    modules = json.load(sys.stdin)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.argv = [""]
    sys.path[0] = ""
    before = _listening()
    for module in modules:
        progress.say({"begin": module})
        progress.say({"end": module, "error": _import(module)})
    if threading.active_count() > 1 or _listening() - before:
        time.sleep(_LINGER_SECONDS)
    progress.say({"done": True})


def _import(module: str) -> str:
    try:
        importlib.import_module(module)
    except BaseException as error:  # noqa: BLE001 whatever a module raises, exits included, costs only itself
        return _describe(error)
    return ""


def _describe(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:_MAX_ERROR]
    except BaseException:  # noqa: BLE001 the text is made by the module's own code
        return "an error that cannot be told"


def _listening() -> set[str]:
    """The TCP sockets of this network that wait for connections (state 0A), as their local addresses."""
    found: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as lines:
                found.update(fields[1] for fields in map(str.split, lines) if fields[3:4] == ["0A"])
        except OSError:
            continue
    return found


if __name__ == "__main__":
    main()
