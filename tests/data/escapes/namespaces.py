"""Namespaces: new ones, in which a package would have rights, and those of the processes around."""

import os

from burglar.tools import call, outcome, raw, tell

KINDS = {
    "user": 0x10000000, "mount": 0x20000, "pid": 0x20000000, "net": 0x40000000, "ipc": 0x8000000, "uts": 0x4000000,
    "cgroup": 0x2000000, "time": 0x80,
}  # fmt: skip
CHILD = 17


def clone(flags):
    if raw("clone", flags | CHILD) == 0:
        os._exit(0)
    os.wait()


def enter(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        raw("setns", descriptor, 0)
    finally:
        os.close(descriptor)


def enter_process(pid):
    descriptor = raw("pidfd_open", pid, 0)
    try:
        raw("setns", descriptor, KINDS["mount"] | KINDS["net"])
    finally:
        os.close(descriptor)


tell("namespaces", {
    **{"unshare " + name: call("unshare", flag) for name, flag in KINDS.items()},
    **{"clone " + name: outcome(clone, flag) for name, flag in KINDS.items() if name != "time"},
    "clone3 user": call("clone3", KINDS["user"].to_bytes(8, "little") + bytes(24) + bytes([CHILD]) + bytes(31), 64),
    "setns own": outcome(enter, "/proc/self/ns/net"),
    "setns first": outcome(enter, "/proc/1/ns/mnt"),
    "setns process": outcome(enter_process, 1),
})
