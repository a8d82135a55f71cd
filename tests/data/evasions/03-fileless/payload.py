"""Runs a program that is in no file: by its descriptor's name in /proc, and by the descriptor itself."""

import ctypes
import os
from pathlib import Path

AT_EMPTY_PATH = 0x1000
EXECVEAT = {"x86_64": 322, "aarch64": 281}


def main():
    descriptor = os.memfd_create("kworker")
    os.write(descriptor, Path(__file__).with_name("inner").read_bytes())
    if os.fork() == 0:
        os.execve(f"/proc/self/fd/{descriptor}", ["by-name"], {})
    os.wait()
    if os.fork() == 0:
        words, nothing = (ctypes.c_char_p * 2)(b"by-descriptor", None), (ctypes.c_char_p * 1)(None)
        ctypes.CDLL(None).syscall(EXECVEAT[os.uname().machine], descriptor, b"", words, nothing, AT_EMPTY_PATH)
        os._exit(1)
    os.wait()
