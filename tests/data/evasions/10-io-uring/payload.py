"""Asks for a queue through which the kernel would connect and open without a call."""

import ctypes
import os
import socket

SETUP, ENTER, REGISTER = 425, 426, 427


def main():
    call = ctypes.CDLL(None, use_errno=True).syscall
    ring = call(SETUP, 8, ctypes.byref(ctypes.create_string_buffer(120)))
    call(ENTER, ring, 1, 0, 0, None, 0)
    call(REGISTER, ring, 0, None, 0)
    if ring < 0:
        with socket.socket() as connection:
            connection.connect(("203.0.113.10", 4010))
    os.close(ring) if ring >= 0 else None
