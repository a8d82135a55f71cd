"""Imports the modules named on standard input, or calls what they define, one after the other, and says how each went.

It runs inside the sandbox, in the package's own process, as the package's user: all that it says is hearsay, and only tells the
supervisor how far it got. Orders are one JSON object: {"epoch": seconds, "import": [module…], "first": {module: places}}, or what
`exercise.calling.Orders` tells.
Lines on the descriptor `--progress FD`: {"begin": subject, "t": time}, {"end": subject, "t": time, "error": text}, which of an imported
module has "found" too, the number of its callables, {"found": number of all callables}, {"skip": subject, "why": text} and
{"done": true}. A subject is a module's name, or "module:Qualified.name" of a callable. Standard library only, and as little of it
as possible, so that the package meets a nearly bare interpreter (3.9 and later).
"""

import sys

from exercise.work import work

if __name__ == "__main__":
    work(int(sys.argv[sys.argv.index("--progress") + 1]))
