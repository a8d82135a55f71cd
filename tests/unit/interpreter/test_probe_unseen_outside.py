"""A program does the same with the probe as without, with processes, threads, signals and descriptors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.interpreter.prefix import assert_same

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
    assert_same(probed, plain, tmp_path, PROGRAMS[name])
