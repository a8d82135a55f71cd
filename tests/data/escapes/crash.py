"""A crash, of which no core may be left outside, nor be given to a handler on the host."""

import os
import resource

from burglar.tools import outcome, tell

HERE = os.path.expanduser("~/crash")


def limit():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


before = resource.getrlimit(resource.RLIMIT_CORE)
facts = {"raise": outcome(limit) if before != (0, 0) else "EPERM", "lower": outcome(resource.setrlimit, resource.RLIMIT_CORE, (0, 0))}
os.mkdir(HERE)
child = os.fork()
if child == 0:
    os.chdir(HERE)
    os.abort()
facts["signal"] = os.waitpid(child, 0)[1]
facts["left"] = os.listdir(HERE)
facts["limits"] = [before, resource.getrlimit(resource.RLIMIT_CORE)]
tell("crash", facts)
