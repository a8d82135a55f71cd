"""Other processes: those around it, and those of the host by their numbers there."""

import ctypes
import os

from burglar.tools import OUTSIDE, call, outcome, raw, read, tell, write

ATTACH, SEIZE, TERM, KILL = 16, 0x4206, 15, 9


class Part(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


here = ctypes.create_string_buffer(16)
mine = ctypes.byref(Part(ctypes.addressof(here), 16))
theirs = ctypes.byref(Part(0x400000, 16))


def take(pid):
    descriptor = raw("pidfd_open", pid, 0)
    try:
        os.close(raw("pidfd_getfd", descriptor, 0, 0))
    finally:
        os.close(descriptor)


def advise(pid):
    descriptor = raw("pidfd_open", pid, 0)
    try:
        raw("process_madvise", descriptor, mine, 1, 21, 0)
    finally:
        os.close(descriptor)


def descriptors():
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[name] = os.readlink("/proc/self/fd/" + name)
        except OSError:
            continue
    return found


around = {"first": 1, "parent": os.getppid(), "outside": OUTSIDE["victim"], "analyzer": OUTSIDE["analyzer"]}
around = {name: pid for name, pid in around.items() if name != "parent" or pid > 1}
facts = {}
for name, pid in around.items():
    facts["attach " + name] = call("ptrace", ATTACH, pid, 0, 0)
    facts["seize " + name] = call("ptrace", SEIZE, pid, 0, 0)
    facts["read " + name] = call("process_vm_readv", pid, mine, 1, theirs, 1, 0)
    facts["write " + name] = call("process_vm_writev", pid, mine, 1, theirs, 1, 0)
    facts["memory " + name] = write("/proc/%d/mem" % pid)
    facts["environment " + name] = read("/proc/%d/environ" % pid)
    facts["descriptor " + name] = outcome(take, pid)
    facts["advise " + name] = outcome(advise, pid)
    facts["limit " + name] = call("prlimit64", pid, 7, bytes(16), None)
    if name in ("outside", "analyzer"):
        facts["term " + name] = outcome(os.kill, pid, TERM)
        facts["kill " + name] = outcome(os.kill, pid, KILL)
tell("processes", facts)
tell("descriptors", descriptors())
