"""Takes over a sibling, and writes into its memory."""

import ctypes
import os
import signal
import socket

PTRACE_ATTACH, PTRACE_SEIZE = 16, 0x4206
WRITEV = {"x86_64": 311, "aarch64": 271}


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def main():
    library = ctypes.CDLL(None, use_errno=True)
    sibling = os.fork()
    if sibling == 0:
        signal.pause()
    buffer = ctypes.create_string_buffer(b"injected")
    vector = Vector(ctypes.addressof(buffer), 8)
    library.syscall(WRITEV[os.uname().machine], sibling, ctypes.byref(vector), 1, ctypes.byref(vector), 1, 0)
    taken = library.ptrace(PTRACE_ATTACH, sibling, None, None) + library.ptrace(PTRACE_SEIZE, sibling, None, None)
    try:
        with open(f"/proc/{sibling}/mem", "r+b", 0) as memory:
            memory.seek(ctypes.addressof(buffer))
            memory.write(b"injected")
    except OSError:
        pass
    os.kill(sibling, signal.SIGKILL)
    with socket.socket() as connection:
        connection.connect(("203.0.113.14", 4014 if taken else 4114))
