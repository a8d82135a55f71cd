"""Memory, semaphores and queues that are known by a number or a name."""

import os

from burglar.tools import OUTSIDE, call, outcome, tell, write

KEY = OUTSIDE["key"]

tell("shared", {
    "segment": call("shmget", KEY, 4096, 0o600),
    "semaphore": call("semget", KEY, 1, 0o600),
    "queue": call("msgget", KEY, 0o600),
    "posix": outcome(os.stat, "/dev/shm/" + OUTSIDE["posix"]),
    "posix write": write("/dev/shm/" + OUTSIDE["posix"]),
    "own segment": call("shmget", KEY + 1, 4096, 0o1600),
    "names": " ".join(os.listdir("/dev/shm")),
})
