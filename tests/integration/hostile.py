"""Packages of ill will, for the tests of limits: source of modules by name."""

from __future__ import annotations

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

DISK = """
import errno, os
for folder in os.path.expanduser("~"), "/tmp", "/dev/shm":
    written = 0
    try:
        with open(folder + "/big", "wb", 0) as file:
            while written < 4 << 30:
                written += file.write(bytes(1 << 20))
    except OSError as error:
        print(folder, written >> 20, errno.errorcode[error.errno])
"""

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
