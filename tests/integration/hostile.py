"""Packages of ill will, for the tests of limits: source of modules by name."""

from __future__ import annotations

import textwrap

ENDS = {
    "a_exit": "import os; os._exit(3)",
    "b_crash": "import ctypes; ctypes.string_at(0)",
    "c_system_exit": "raise SystemExit(4)",
    "d_interrupt": "raise KeyboardInterrupt",
    "e_close": "import os; os.closerange(3, 1024)",
    "f_kill_all": "import os\nos.kill(-1, 9)",
    "g_kill_parent": "import os\nos.kill(os.getppid(), 9)",
    "h_raise": "raise ValueError('last words')",
    "i_daemon": """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(0.3)
        with open(os.path.expanduser("~/late.txt"), "w") as file:
            file.write("late")
        time.sleep(1000)
    os._exit(0)
""",
    "j_reuse": """
import os
for descriptor in range(3, 64):
    try:
        os.close(descriptor)
    except OSError:
        pass
mine = [open(os.path.expanduser("~/mine.txt"), "w") for _ in range(20)]
""",
    "k_forge": """
import json, os
for descriptor in range(3, 64):
    for message in {"begin": "ends.l_last"}, {"end": "ends.l_last", "error": ""}, {"done": True}:
        try:
            os.write(descriptor, (json.dumps(message) + "\\n" + "[" * 5000 + "\\n").encode())
        except OSError:
            pass
os._exit(0)
""",
    "l_last": "import os; open(os.path.expanduser('~/last'), 'w').close()",
}
"""Each ends its interpreter, or tries to, in its own way; the last one is well-behaved."""

MEMORY = "text = b'1' * (3 << 30)\n"

FORK_BOMB = """
import os, time
while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.05)
"""

THREADS = """
import threading, time
try:
    for _ in range(2000):
        threading.Thread(target=time.sleep, args=(1,), daemon=True).start()
except RuntimeError:
    pass
"""

_IN_A_CHILD = """
import errno, os
def told(what, count, error=None):
    print(what, count, errno.errorcode[error.errno] if error else "-", flush=True)
def taking():
{}
if os.fork() == 0:
    try:
        taking()
    finally:
        os._exit(0)
os.wait()
"""

_TAKEN = {
    "a_disk": """
for folder in os.path.expanduser("~"), "/tmp", "/dev/shm":
    written = 0
    try:
        with open(folder + "/big", "wb", 0) as file:
            while written < 4 << 30:
                written += file.write(bytes(1 << 20))
    except OSError as error:
        told(folder, written >> 20, error)
    os.unlink(folder + "/big")
""",
    "b_memory": """
held = []
for _ in range(40):
    held.append(os.memfd_create("held"))
    for _ in range(100):
        os.write(held[-1], bytes(1 << 20))
told("memory", len(held))
""",
    "c_descriptors": """
held = []
try:
    while True:
        held.append(os.open("/etc/passwd", os.O_RDONLY))
except OSError as error:
    told("descriptors", len(held), error)
""",
    "d_messages": """
import array, socket
one, _ = pair = socket.socketpair()
one.setblocking(False)
rights, sent = array.array("i", [one.fileno()] * 200), 0
try:
    while True:
        one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        sent += len(rights)
except OSError as error:
    told("messages", sent, error)
""",
    "e_names": """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
size, none = ctypes.c_size_t, ctypes.c_void_p()
makers = {
    "segments": lambda number: libc.shmget(0, size(16 << 20), 0o1600),
    "queues": lambda number: libc.msgget(0, 0o1600),
    "semaphores": lambda number: libc.semget(0, 250, 0o1600),
    "watchers": lambda number: libc.inotify_init1(0),
    "mail": lambda number: libc.mq_open(b"/q%d" % number, os.O_RDWR | os.O_CREAT, 0o600, none),
}
for what, make in makers.items():
    made = next(number for number in range(100_000) if make(number) < 0)
    told(what, made, OSError(ctypes.get_errno(), ""))
""",
    "f_large": """
os.chdir(os.path.expanduser("~"))
for number in range(20):
    with open(f"sparse{number}", "w") as file:
        file.truncate(200 << 20)
try:
    os.truncate("sparse0", 1 << 44)
except OSError as error:
    told("large", 0, error)
os.mkdir("loop")
for number in range(100):
    os.symlink("../loop", f"loop/{number}")
for number in range(300):
    os.mkdir("<" * 255)
    os.chdir("<" * 255)
""",
    "g_links": """
os.chdir(os.path.expanduser("~"))
os.mkdir("links")
open("links/0", "w").close()
made = 0
try:
    for made in range(1, 1_000_000):
        os.link("links/0", f"links/{made}")
except OSError as error:
    told("links", made, error)
""",
    "h_files": """
os.mkdir("/tmp/files")
os.chdir("/tmp/files")
made = 0
try:
    for made in range(1_000_000):
        os.close(os.open(str(made), os.O_CREAT | os.O_WRONLY))
except OSError as error:
    told("files", made, error)
""",
}
TAKERS = {name: _IN_A_CHILD.format(textwrap.indent(body, "    ")) for name, body in _TAKEN.items()}
"""Each takes all that it can get of something, in a process of its own, and prints how much that was."""

STUBBORN = {
    "a_deaf": """
import os, signal, time
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
if os.fork() == 0:
    time.sleep(1000)
""",
    "b_stopped": """
import os, signal
for _ in range(5):
    if os.fork() == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
os.kill(os.getpid(), signal.SIGSTOP)
""",
    "c_uninterruptible": """
import ctypes, os, platform, time
VFORK, CLONE_VM_AND_VFORK = {"x86_64": 56, "aarch64": 220}[platform.machine()], 0x4100
if ctypes.PyDLL(None).syscall(VFORK, CLONE_VM_AND_VFORK | 17, 0, 0, 0, 0) == 0:
    time.sleep(1000)
    os._exit(0)
""",
    "d_busy": """
import os
for _ in range(5):
    os.fork()
while True:
    pass
""",
}
"""Processes that a signal does not end, that are stopped, that wait for a child which shares their memory (vfork(2)), and that are many."""

OUTPUT = """
import sys
for _ in range(3000):
    sys.stdout.write("spam " * 2000)
print("the end")
"""

SLEEP = "import time; time.sleep(1000)"

THREAD_THAT_STAYS = """
import threading, time
threading.Thread(target=time.sleep, args=(1000,)).start()
"""

SERVER = "import time\ndef main():\n    print('serving', flush=True)\n    time.sleep(1000)\n"

ENDS_AT_START = "import os; os._exit(5)\n"
"""For a `.pth` file."""
