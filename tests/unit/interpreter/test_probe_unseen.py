"""A program does the same with the probe as without: output, errors and exit status, whatever it does to its interpreter."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.interpreter.prefix import Prefix

PROGRAMS = {
    "closes every descriptor": """
        import os, time
        os.closerange(3, 4096)
        file = open("/dev/null")
        time.time(); os.putenv("A", "b")
        print(file.fileno(), open("/dev/null").fileno())
    """,
    "gets the pipe's number for its own file": """
        import os, time
        os.closerange(3, 4096)
        own = os.open("own", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        for number in range(700, 900):
            os.dup2(own, number)
        time.time(); os.putenv("A", "b"); os.rename("own", "mine")
        print(os.stat("mine").st_size)
    """,
    "forks": """
        import os, sys, time
        time.time()
        child = os.fork()
        if not child:
            time.time(); print("child", flush=True); os._exit(3)
        print(os.waitpid(child, 0)[1], flush=True)
    """,
    "forks under a trace function": """
        import os, sys
        places = []
        sys.settrace(lambda frame, event, argument: places.append((frame.f_code.co_filename, frame.f_code.co_name)))
        child = os.fork()
        def last(): pass
        os.putenv("A", "b")
        last()
        sys.settrace(None)
        print(sorted(set(places)), flush=True)
        if not child: os._exit(0)
        os.wait()
    """,
    "becomes another program": "import os; os.execv('/bin/echo', ['echo', 'text'])",
    "leaves at once": "import os; print('lost'); os._exit(7)",
    "is killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "raises": "import time; time.time(); raise ValueError('text')",
    "profiles": """
        import os, sys, time
        seen = []
        def own(frame, event, argument):
            name = getattr(argument, "__name__", argument)
            # The interpreter ends this call for the new function if there was another one when it began.
            if name != "setprofile": seen.append((event, name, frame.f_code.co_filename))
        sys.setprofile(own)
        time.time(); os.putenv("A", "b"); len("")
        sys.setprofile(None)
        print(seen, sys.getprofile())
    """,
    "profiles its threads": """
        import os, sys, threading, time
        seen = []
        def own(frame, event, argument):
            if getattr(argument, "__name__", "") != "setprofile": seen.append((event, frame.f_code.co_name, getattr(argument, "__name__", "")))
        threading.setprofile(own)
        thread = threading.Thread(target=lambda: time.time())
        thread.start(); thread.join()
        threading.setprofile(None)
        print([one for one in seen if "wait" not in one[1]], sorted(vars(thread)))
    """,
    "traces": """
        import os, sys, time
        seen = []
        def trace(frame, event, argument):
            seen.append((event, frame.f_code.co_name, frame.f_lineno))
            return trace
        def work():
            time.time(); os.putenv("A", "b")
            os.rename
        sys.settrace(trace); work(); sys.settrace(None)
        print(seen, sys.gettrace())
    """,
    "is measured by cProfile": """
        import cProfile, os, pstats, time
        profile = cProfile.Profile()
        def work():
            for _ in range(5): time.time(); os.putenv("A", "b")
        profile.runcall(work)
        stats = pstats.Stats(profile).stats
        print(sorted((file, name, calls) for (file, _, name), (calls, *_) in stats.items() if "profiler" not in name))
    """,
    "comes to the recursion limit": """
        import os, sys, time
        def deep(n, act):
            try:
                act()
                return deep(n + 1, act)
            except RecursionError:
                return n
        for act in (time.time, lambda: open("/dev/null").close(), lambda: os.putenv("A", "b"), lambda: os.path.exists("/"), int):
            print(deep(0, act) > 50)
        def overflow(): overflow()
        for _ in range(3):
            try: overflow()
            except RecursionError as error: print(error)
        sys.setrecursionlimit(120)
        print(deep(0, time.time) > 20)
    """,
    "recovers from each of many recursion errors": """
        import os, sys
        def deep(n):
            if n: deep(n - 1)
            os.putenv("A", "b")
        failed = 0
        for n in range(sys.getrecursionlimit() - 20, sys.getrecursionlimit() + 20):
            try: deep(n)
            except RecursionError: failed += 1
        print(failed >= 20)
    """,
    "empties sys.modules": """
        import os, sys, threading, time
        out, old = sys.stdout, dict(sys.modules)
        class Evil(dict):
            get = __getitem__ = __contains__ = lambda *arguments: print("asked", file=out)
        for value in ({}, None, 5, Evil()):
            sys.modules = value
            thread = threading.Thread(target=lambda: None)
            thread.start(); thread.join(); time.time(); os.putenv("A", "b")
        sys.modules = dict(old, threading=5, time=None, posix=None, sys=None)
        thread = threading.Thread(target=lambda: None)
        thread.start(); thread.join(); time.time(); os.putenv("A", "b")
        sys.modules = old
        print("end")
    """,
    "takes the monitoring tools": """
        import os, sys, time
        monitoring = getattr(sys, "monitoring", None)
        if monitoring:
            for tool in range(6):
                if monitoring.get_tool(tool): monitoring.free_tool_id(tool)
                monitoring.use_tool_id(tool, "own")
                monitoring.set_events(tool, monitoring.events.CALL)
                monitoring.register_callback(tool, monitoring.events.CALL, lambda *arguments: None)
            monitoring.restart_events()
            del sys.monitoring
        time.time(); os.putenv("A", "b")
    """,
    "replaces builtins": """
        import builtins, os, sys, time
        say, functions = os.write, dict(vars(builtins))
        def asked(*arguments, **names):
            say(1, b"asked\\n")
            raise KeyError
        for name in functions:
            if name not in {"__build_class__", "__import__", "__spec__", "__loader__", "__debug__"}: setattr(builtins, name, asked)
        time.time(); os.putenv("A", "b"); sys.audit("open", "x", "w", 1); os.rename(b"/", "/dev/null/x") if 0 else 0
        vars(builtins).update(functions)
        print("end")
    """,
    "replaces what modules hold": """
        import os, posix, sys, time, _thread
        def asked(*arguments): print("asked")
        putenv, now, kept = os.putenv, time.time, [(module, dict(vars(module))) for module in (posix, time, _thread)]
        for module, names in kept:
            for name in names:
                if not name.startswith("__"): setattr(module, name, asked)
        putenv("A", "b"); now()
        for module, names in kept: vars(module).update(names)
    """,
    "watches audit events": """
        import os, socket, sys, threading, time
        seen = []
        sys.addaudithook(lambda event, arguments: seen.append(event))
        time.time(); os.putenv("A", "b"); open("/dev/null").close(); socket.socket().close()
        if os.fork(): os.wait()
        else: time.time(); os.putenv("A", "b"); os._exit(0)
        # Of the others, some come with looking at a frame, and some when the interpreter tidies up.
        told = {"os.putenv", "os.fork", "socket.__new__", "sys.setprofile", "sys.settrace", "sys.addaudithook", "os.listdir"}
        print([event for event in seen if event in told])
    """,
    "refuses by an audit hook": """
        import os, sys
        def refuse(event, arguments):
            if event == "os.putenv": raise PermissionError("refused")
        sys.addaudithook(refuse)
        try: os.putenv("A", "b")
        except PermissionError as error: print(error, error.__traceback__.tb_lineno, error.__context__)
    """,
    "loads encodings again": """
        import encodings, importlib, os, sys, time
        names = sorted(name for name in vars(encodings) if name != "__cached__")
        importlib.reload(encodings)
        del sys.modules["encodings"]
        import encodings
        time.time(); os.putenv("A", "b")
        print(names, names == sorted(name for name in vars(encodings) if name != "__cached__"), "x".encode("cp1252"))
    """,
    "handles an error": """
        import os, sys, traceback, time
        try:
            raise ValueError("first")
        except ValueError as error:
            time.time(); os.putenv("A", "b")
            try: open("/nonexistent")
            except OSError: traceback.print_exc()
            print(sys.exc_info()[1] is error, error.__context__)
    """,
    "is interrupted at any time": """
        import os, signal, time
        def late(number, frame): raise TimeoutError("late")
        signal.signal(signal.SIGALRM, late)
        def work():
            end = time.monotonic() + 2
            signal.setitimer(signal.ITIMER_REAL, 0.002)
            while time.monotonic() < end: os.putenv("A", "b"); time.time()
        caught = 0
        for turn in range(60):
            try:
                work()
                break
            except TimeoutError: caught += 1
        print(caught)
    """,
    "starts many threads at once": """
        import sys, threading, time
        sys.setswitchinterval(1e-6)
        done = []
        threads = [threading.Thread(target=lambda: done.append(time.time())) for _ in range(200)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(len(done), [name for thread in threads for name in vars(thread) if "ident" in name and "bound" in str(vars(thread)[name])])
    """,
    "has a thread that fails": """
        import threading, traceback
        def fail():
            traceback.print_stack(); raise ValueError("in a thread")
        thread = threading.Thread(target=fail, name="own"); thread.start(); thread.join()
    """,
    "looks at what it has": """
        import gc, os, sys, threading
        print(sys.flags, sys.getrecursionlimit(), threading.active_count())
        print(sorted(sys.modules), sys.gettrace(), threading._trace_hook, threading._profile_hook, sys.getswitchinterval())
        print(os.get_blocking(0), open("/dev/null").fileno(), sys.argv, os.environ.get("EVENTS", "")[:1])
    """,
    "ends with threads and hooks at work": """
        import atexit, os, threading, time
        class Last:
            def __del__(self): os.putenv("A", "b"); time.time(); print("deleted")
        last = Last()
        last.itself = last
        threading.Thread(target=lambda: [os.putenv("A", "b") for _ in range(10**9)], daemon=True).start()
        atexit.register(lambda: print("exit", time.time() > 0))
    """,
    "has the default action for a broken pipe": """
        import signal, time, os
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        time.time(); os.putenv("A", "b"); print("end")
    """,
    "uses an interpreter within": """
        import importlib, os
        for name in ("_interpreters", "_xxsubinterpreters"):
            try: interpreters = importlib.import_module(name)
            except ImportError: continue
            one = interpreters.create()
            interpreters.run_string(one, "import os, time; time.time(); os.putenv('A', 'b'); print('within', flush=True)")
            interpreters.destroy(one)
            break
        print("end")
    """,
    "runs a pool": """
        import concurrent.futures, multiprocessing, os, time
        def work(n): return time.time() > n
        if __name__ == "__main__":
            with concurrent.futures.ThreadPoolExecutor(4) as pool: print(sum(pool.map(work, range(50))))
            with multiprocessing.get_context("fork").Pool(2) as pool: print(sum(pool.map(work, range(50))))
    """,
    "has an event loop": """
        import asyncio
        async def serve(reader, writer): writer.write(await reader.read(4)); await writer.drain(); writer.close()
        async def main():
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"text"); print(await reader.read()); writer.close(); server.close()
        asyncio.run(main())
    """,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_same(probed: Prefix, plain: Prefix, tmp_path: Path, name: str) -> None:
    script = tmp_path / "program.py"
    script.write_text(textwrap.dedent(PROGRAMS[name]))
    without, ended = plain.run("-I", "-S", script), probed.run("-I", "-S", script)
    places = (str(plain.library.parent.parent).encode(), str(probed.library.parent.parent).encode())
    assert ended.status == without.status
    assert ended.output.replace(places[1], places[0]) == without.output
    assert ended.errors.replace(places[1], places[0]) == without.errors
    assert ended.lines[0]["e"] == "start"


@pytest.mark.parametrize(
    "options",
    [
        ["-W", "error"],
        ["-X", "dev"],
        ["-bb"],
        ["-X", "tracemalloc"],
        ["-m", "this"],
        ["-c", "import this, site; print(site.main())"],
    ],
    ids=" ".join,
)
def test_same_with_options(probed: Prefix, plain: Prefix, options: list[str]) -> None:
    program = ["-c", "import os, time; time.time(); os.putenv('A', 'b'); os.putenv(b'A', b'c')"]
    words = ["-I", *options, *([] if options[0] in {"-m", "-c"} else program)]
    assert probed.run(*words).seen == plain.run(*words).seen


def test_it_goes_on_after_its_descriptor_was_closed(probed: Prefix) -> None:
    ended = probed.run(
        "-c", "import os, time\nfor n in range(3):\n    os.closerange(3, 4096)\n    os.putenv('A', str(n))\ntime.time()"
    )
    assert ended.events("<string>", "os.putenv", "time.") == [("os.putenv", 4)] * 3 + [("time.time", 5)]


def test_it_goes_on_after_a_recursion_error(probed: Prefix) -> None:
    ended = probed.run(
        "-c", "import os, time\ndef f(): f()\ntry: f()\nexcept RecursionError: pass\nos.putenv('A', 'b')\ntime.time()"
    )
    assert ended.events("<string>", "os.putenv", "time.") == [("os.putenv", 5), ("time.time", 6)]


def test_a_profile_function_of_the_programs_own_is_told(probed: Prefix) -> None:
    ended = probed.run(
        "-I", "-S", "-c", "import sys, threading\nthreading.Thread(target=int).start()\nsys.setprofile(None)"
    )
    assert [(line["e"], line["l"]) for line in ended.lines if line["e"] != "start"] == [("sys.setprofile", 3)]


def test_loaded_twice_it_tells_once(probed: Prefix) -> None:
    ended = probed.run("-c", "import encodings, importlib, os\nimportlib.reload(encodings)\nos.putenv('A', 'b')")
    assert [line["e"] for line in ended.lines].count("start") == 1
    assert ended.events("<string>", "os.putenv") == [("os.putenv", 3)]
