"""A program does the same with the probe as without, whatever it does to its interpreter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.interpreter.prefix import assert_same

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.interpreter.prefix import Prefix

PROGRAMS = {
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
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_same(probed: Prefix, plain: Prefix, tmp_path: Path, name: str) -> None:
    assert_same(probed, plain, tmp_path, PROGRAMS[name])


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
    assert ended.events("<string>", "sys.") == [("sys.setprofile", 3)]


def test_loaded_twice_it_tells_once(probed: Prefix) -> None:
    ended = probed.run("-c", "import encodings, importlib, os\nimportlib.reload(encodings)\nos.putenv('A', 'b')")
    assert [line["e"] for line in ended.lines].count("start") == 1
    assert ended.events("<string>", "os.putenv") == [("os.putenv", 3)]
