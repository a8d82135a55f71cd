"""Makes its memory unreadable for others, and then opens a key."""

import ctypes
import os

PR_SET_DUMPABLE = 4


def main():
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    key = libc.open(os.fsencode(os.path.expanduser("~/.ssh/id_ed25519")), os.O_RDONLY)
    os.read(key, 64)
