"""What the probe tells, and of which line of code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.interpreter.prefix import Prefix

CLOCKS = """\
import datetime, functools, logging, sys, threading, time, _thread
from datetime import date, datetime as moment
from time import time as t
t()  # time.time
for _ in range(3):
    time.time()  # time.time
time.time_ns()  # time.time_ns
getattr(time, "time")()  # time.time
functools.partial(lambda: time.time())()  # time.time
datetime.datetime.now()  # datetime.now
moment.now(datetime.timezone.utc)  # datetime.now
date.today()  # datetime.today
datetime.datetime.today()  # datetime.today
class Moment(datetime.datetime):
    pass
Moment.now()  # datetime.now
time.localtime()  # time.localtime
time.gmtime(*())  # 3.12 time.gmtime
time.ctime(None)  # 3.12 time.ctime
time.asctime()  # time.asctime
time.strftime("%Y")  # time.strftime
time.clock_gettime(time.CLOCK_REALTIME)  # time.clock_gettime
def work():
    time.time()  # time.time
for _ in range(2):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
class Own(threading.Thread):
    def run(self):
        datetime.datetime.now()  # datetime.now
thread = Own()
thread.start()
thread.join()
timer = threading.Timer(0, lambda: time.ctime())  # time.ctime
timer.start()
timer.join()
done = _thread.allocate_lock()
done.acquire()
def bare():
    open("/dev/null").close()
    time.time()  # time.time
    done.release()
_thread.start_new_thread(bare, ())
done.acquire()
exec(compile("time.time()", "<other>", "exec"))

time.localtime(0), time.localtime(*[0]), time.gmtime(5.5), time.ctime(0), time.asctime(time.gmtime(0))
time.strftime("%Y", time.gmtime(0)), time.strptime("2001", "%Y"), time.mktime((2001,) + 8 * (1,))
time.monotonic(), time.monotonic_ns(), time.perf_counter(), time.process_time(), time.thread_time()
logging.getLogger().warning("the library's own")
datetime.datetime.fromtimestamp(0), datetime.datetime(2001, 1, 1).time(), date(2001, 1, 1).ctime()
class Clock:
    def time(self):
        return 0
    now = staticmethod(len)
Clock().time(), Clock.now(""), [].append(time.time)
"""


def _expected(program: str, version: tuple[int, ...]) -> list[tuple[str, int]]:
    found = []
    for number, line in enumerate(program.splitlines(), 1):
        comment = re.search(r"  # (?:3\.(\d+) )?([\w.]+)$", line)
        if comment and version >= (3, int(comment[1] or 0)):
            found.append((comment[2], number))
    return found


def test_each_place_that_asks_for_the_time_is_told_once(probed: Prefix, tmp_path: Path) -> None:
    script = tmp_path / "clocks.py"
    script.write_text(CLOCKS)
    ended = probed.run(script)
    assert (ended.status, ended.output, ended.errors) == (0, b"", b"the library's own\n")
    assert sorted(ended.events(script, "time.", "datetime."), key=lambda one: one[1]) == _expected(
        CLOCKS, tuple(probed.version)
    )
    assert ended.events("<other>", "time.") == [("time.time", 1)]
    assert {line["m"] for line in ended.lines if line["f"] == str(script)} == {"__main__"}


def test_the_callers_outwards(probed: Prefix, tmp_path: Path) -> None:
    place = tmp_path / "site-packages"
    place.mkdir()
    (place / "inner.py").write_text("import time\ndef now():\n    return time.time()\n")
    (place / "outer.py").write_text("import sys\nsys.path.insert(0, '" + str(place) + "')\nimport inner\ninner.now()\n")
    ended = probed.run(place / "outer.py")
    assert ended.seen == (0, b"", b"")
    (call,) = [line for line in ended.lines if line["e"] == "time.time"]
    assert (call["f"], call["l"], call["m"]) == (str(place / "inner.py"), 3, "inner")
    assert call["s"] == [[str(place / "outer.py"), 4]]


ACTS = """\
import http.client, os, pathlib, shutil, socket, subprocess, sys
pipe = os.open(os.environ["EVENTS"], os.O_WRONLY)
def done(name, line=0):
    line = line or sys._getframe(1).f_lineno
    os.write(pipe, b'{"e":"done","f":"","l":%d,"a":["%s"]}\\n' % (line, name.encode()))
open("one", "w").close(); done("open")
open("one").close(); done("open")
pathlib.Path("one").write_text("text"); done("open")
os.rename("one", "two"); done("os.rename")
os.replace(pathlib.Path("two"), b"three"); done("os.rename")
shutil.copyfile("three", "four"); done("shutil.copyfile")
os.remove("three"); done("os.remove")
os.mkdir("folder"); done("os.mkdir")
shutil.rmtree("folder"); done("shutil.rmtree")
os.symlink("nowhere", "link"); done("os.symlink")
os.unlink("link"); done("os.remove")
os.chmod("four", 0o600); done("os.chmod")
subprocess.run([sys.executable, "-I", "-S", "-c", ""]); done("subprocess.Popen")
os.system("true"); done("os.system")
server = socket.socket()
server.bind(("127.0.0.1", 0)); done("socket.bind")
server.listen(); done("socket.listen")
class Client(socket.socket):
    pass
client = Client()
client.connect(server.getsockname()); done("socket.connect")
peer, _ = server.accept(); done("socket.accept")
client.send(b"text"); done("socket.send")
client.sendall(b"text"); done("socket.sendall")
peer.recv(8); done("socket.recv")
send = peer.send
send(b"text"); done("socket.send")
peer.close(); client.close(); server.close()
try: os.rename("missing", "elsewhere")
except OSError as error: done("os.rename", error.__traceback__.tb_lineno)
"""


def test_acts_are_announced_before_they_happen_with_their_line(probed: Prefix, tmp_path: Path) -> None:
    script = tmp_path / "acts.py"
    script.write_text(ACTS)
    ended = probed.run(script)
    assert ended.seen == (0, b"", b"")
    announced: list[tuple[str, int]] = []
    acts = 0
    for line in ended.lines:
        announced.append((line["e"], line["l"]))
        if line["e"] == "done":
            assert (line["a"][0], line["l"]) in announced
            announced = []
            acts += 1
    assert acts == ACTS.count("done(") - 1


def test_arguments(probed: Prefix) -> None:
    program = (
        "import os, pathlib\nos.mkdir('a b'); os.replace(pathlib.Path('a b'), b'c\\xff'); os.rmdir(b'c\\xff')\n"
        "open('d', 'w').close(); os.open('d', os.O_RDONLY); os.remove('d'); os.putenv('A', 'b')\n"
        "try: os.execv('/nonexistent', ['first', 'second'])\nexcept OSError: pass"
    )
    ended = probed.run("-I", "-S", "-c", program)
    assert ended.seen == (0, b"", b"")
    found = [(line["e"], line["a"][:3]) for line in ended.lines if line["f"] == "<string>"]
    assert found == [
        ("os.mkdir", ["a b", "511", "-1"]),
        ("os.rename", ["a b", "c\ufffd", "-1"]),
        ("os.rmdir", ["c\ufffd", "-1"]),
        ("open", ["d", "w", found[3][1][2]]),
        ("open", ["d", "<NoneType>", found[4][1][2]]),
        ("os.remove", ["d", "-1"]),
        ("os.putenv", ["A", "b"]),
        ("os.exec", ["/nonexistent", "first second", "<NoneType>"]),
    ]
    assert [int(found[3][1][2]) & 3, int(found[4][1][2]) & 3] == [1, 0]


def test_reading_modules_is_not_told(probed: Prefix, tmp_path: Path) -> None:
    (tmp_path / "quiet.py").write_text("")
    program = f"import sys, json, email.message; sys.path.insert(0, {str(tmp_path)!r}); import quiet; open('loud.py', 'w').close(); open('loud.py').close()"
    ended = probed.run("-I", "-S", "-c", program)
    assert ended.seen == (0, b"", b"")
    assert [line["a"][0] for line in ended.lines if line["e"] == "open"] == ["loud.py"]
