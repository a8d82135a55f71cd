"""Programs that try to get rid of the interpreter probe, and others that only look as if they did.

Each becomes a console script of one wheel. What is said of it: LOUD by how it is told, QUIET that nothing is.
"""

from __future__ import annotations

FIND = """
import gc, os, sys, time
def names():
    return next(one for one in gc.get_objects() if type(one) is dict and "_hook" in one and "_send" in one and "_put" in one)
"""

LOUD: dict[str, tuple[str, str]] = {
    "gives_it_other_code": ("ended", FIND + """
names()["_send"].__code__ = (lambda *arguments: None).__code__
time.time()
"""),
    "puts_something_else_there": ("ended", FIND + """
names()["_send"] = lambda *arguments: None
time.time()
"""),
    "changes_what_it_tells": ("changed", FIND + """
names()["_tell"] = lambda *arguments: None
time.time()
"""),
    "keeps_it_busy": ("ended", FIND + """
import _thread
names()["_busy"].add(_thread.get_ident())
time.time()
"""),
    "leaves_it_no_descriptor": ("ended", """
import os, resource, time
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
os.closerange(3, 1024)
time.time()
"""),
    "wears_out_its_connections": ("ended", """
import os, time
for number in range(40):
    os.closerange(3, 1024)
    os.putenv("A", str(number))
"""),
    "speaks_for_another_process": ("forged", """
import os, time
now = int(time.time() * 1e6)
line = '{"t":%d.%06d,"p":1,"n":1,"i":%d,"e":"os.putenv","a":["A"],"f":"/a.py","l":1,"m":"a","s":[]}'
with open("/run/session/events", "w") as pipe:
    print(line % (now // 10**6, now % 10**6, now), file=pipe)
"""),
    "repeats_its_numbers": ("forged", """
import os, time
now = int(time.time() * 1e6)
line = '{"t":%d.%06d,"p":%d,"n":1,"i":%d,"e":"%s","a":["A"],"f":"/a.py","l":1,"m":"a","s":[]}'
with open("/run/session/events", "w") as pipe:
    for name in ("os.putenv", "os.unsetenv"):
        print(line % (now // 10**6, now % 10**6, os.getpid(), now, name), file=pipe)
"""),
    "has_a_library_of_its_own": ("absent", """
import os, pathlib, subprocess, sys, sysconfig
real, home = pathlib.Path(sysconfig.get_path("stdlib")), pathlib.Path.home() / "own"
library = home / "lib" / real.name
(library / "encodings").mkdir(parents=True)
for entry in real.iterdir():
    if entry.name != "encodings": (library / entry.name).symlink_to(entry)
for entry in (real / "encodings").glob("*.py"):
    (library / "encodings" / entry.name).symlink_to(entry)
(library / "encodings" / "__init__.py").unlink()
text = (real / "encodings" / "__init__.py").read_text().partition("_THEIRS")[0]
(library / "encodings" / "__init__.py").write_text(text)
command = [sys.executable, "-S", "-c", "import time; time.time()"]
subprocess.run(command, env={**os.environ, "PYTHONHOME": str(home)}, check=True)
"""),
}  # fmt: skip

LOUD_WITH_MONITORING: dict[str, tuple[str, str]] = {
    "clears_its_events": ("changed", """
import sys
sys.monitoring.set_events(4, 0)
"""),
    "clears_its_events_from_c": ("changed", """
import sys
list(map(sys.monitoring.set_events, [4], [0]))
"""),
    "takes_its_number": ("changed", """
import sys
list(map(sys.monitoring.free_tool_id, [4])); sys.monitoring.use_tool_id(4, "mine")
"""),
}  # fmt: skip
"""From Python 3.12 on."""

QUIET: dict[str, str] = {
    "closes_all": """
import os, time
os.closerange(3, 1024); time.time()
""",
    "covers_its_descriptor": """
import os, time
nothing = os.open("/dev/null", os.O_WRONLY)
for number in range(890, 905): os.dup2(nothing, number)
time.time()
""",
    "loads_encodings_again": """
import sys, time
del sys.modules["encodings"]
import encodings
time.time()
""",
    "runs_a_copy": """
import os, pathlib, shutil, subprocess, sys
copy = pathlib.Path.home() / "copied" / "snake"
copy.parent.mkdir()
shutil.copy(os.path.realpath(sys.executable), copy)
env = {"LD_LIBRARY_PATH": os.path.join(sys.base_prefix, "lib"), "PYTHONHOME": sys.base_prefix}
subprocess.run([copy, "-c", "import time; time.time()"], env=env, check=True)
""",
    "runs_the_systems": """
import subprocess
subprocess.run(["/usr/bin/python3", "-c", "import time; time.time()"], check=True)
""",
    "starts_others": """
import os, subprocess, sys
for options in (["-I", "-S", "-E"], ["-X", "frozen_modules=off"], ["-OO", "-B"]):
    subprocess.run([sys.executable, *options, "-c", "import time; time.time()"], check=True)
for option in ("--version", "-h", "-V"):
    subprocess.run([sys.executable, option], check=True, stdout=subprocess.DEVNULL)
subprocess.run([sys.executable, "-c", "import ("], stderr=subprocess.DEVNULL)
environment = {**os.environ, "PYTHONHOME": "/nonexistent"}
subprocess.run([sys.executable, "-c", "pass"], env=environment, stderr=subprocess.DEVNULL)
os.execve(sys.executable, [sys.executable, "-c", "import time; time.time()"], dict(os.environ))
""",
    "has_subinterpreters": """
try: import _interpreters as inner
except ImportError: import _xxsubinterpreters as inner
one, other = inner.create(), inner.create()
inner.run_string(one, "import time; time.time()")
inner.run_string(other, "import time; time.time()")
inner.destroy(one)
""",
    "forks": """
import os, time
for how in (lambda: os._exit(0), lambda: None):
    child = os.fork()
    if not child:
        time.time(); how(); break
    os.waitpid(child, 0)
""",
    "has_threads": """
import os, threading, time
def work():
    for n in range(20): os.putenv("A", str(n))
    time.time()
threads = [threading.Thread(target=work, daemon=n % 2 == 0) for n in range(8)]
for one in threads: one.start()
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
""",
    "has_processes": """
import multiprocessing, time
with multiprocessing.get_context("fork").Pool(2) as pool: pool.map(abs, range(3))
time.time()
""",
    "ends_at_once": """
import os, time
time.time(); os._exit(0)
""",
    "is_killed": """
import os, time
time.time(); os.kill(os.getpid(), 9)
""",
    "raises": """
import time
time.time(); raise SystemExit(3)
""",
    "pretends_to_end": """
import sys, time
sys.audit("cpython.PyInterpreterState_Clear"); time.time()
""",
    "lets_others_read_the_library": """
import os, subprocess, time
folder = os.path.dirname(os.__file__) + "/encodings"
subprocess.run(f"cat {folder}/__init__.py >/dev/null; cp -r {folder} $HOME/copy", shell=True, check=True)
time.time()
""",
    "meets_the_recursion_limit": """
import os, time
def deep(n):
    try: os.putenv("A", str(n)); time.time(); return deep(n + 1)
    except RecursionError: return n
deep(0)
""",
}
"""Each of them reads the time, which is still seen."""

MEASURED = """
import cProfile
cProfile.run("1")
"""
"""Is told as what it is."""

SILENCES_AT_IMPORT = (
    FIND
    + """
names()["_send"] = lambda *arguments: None
"""
)
