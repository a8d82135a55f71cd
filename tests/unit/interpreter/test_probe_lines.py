"""Every line is one JSON object of bounded length, and no object of the package is asked anything for it.

That lines are short, ASCII and JSON is checked of every line in every test (`prefix._drain`).
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.interpreter.prefix import Prefix

HOSTILE = """\
import sys

def refuse(*arguments, **others):
    print("was asked")
    raise SystemExit("was asked")

class Meta(type):
    __getattribute__ = __instancecheck__ = __subclasscheck__ = __call__ = __eq__ = __hash__ = refuse

NAMES = ("__str__ __repr__ __bytes__ __fspath__ __len__ __getitem__ __iter__ __eq__ __hash__ __bool__ __and__ __rand__ __int__ "
         "__index__ __format__ __getattr__ __getattribute__ __call__ __contains__ decode startswith endswith").split()

def evil(*bases):
    names = dict.fromkeys(NAMES, refuse)
    names.update(dict.fromkeys(["__class__", "__name__", "__self__", "__module__"], property(refuse)))
    return names

Object = Meta("Object", (), evil())
Text, Bytes, Number = (type("Own", (base,), evil()) for base in (str, bytes, int))
List, Tuple, Dict = (type("Own", (base,), evil()) for base in (list, tuple, dict))
things = [type.__call__(Object), Text("text"), Bytes(b"bytes"), Number(5), List(["a", Text("b")]), Tuple((b"c",)), Dict(d=1)]
"""


def test_objects_are_not_asked(probed: Prefix) -> None:
    program = HOSTILE + textwrap.dedent(
        """
        for thing in things:
            sys.audit("os.rename", thing, things)
            sys.audit("open", thing, thing, thing)
            sys.audit("open", "text", None, thing)
        sys.audit("open"), sys.audit("open", 1), sys.audit("os.rename")
        """
    )
    ended = probed.run("-c", program)
    assert ended.seen == (0, b"", b"")
    expected = ["<Object>", "text", "bytes", "5", "a b", "c", "<Own>"]
    assert [line["a"][0] for line in ended.lines if line["e"] == "os.rename" and line["a"]] == expected


def test_callables_are_not_asked(probed: Prefix, plain: Prefix) -> None:
    """Called things of the package's may have any name, and so may what they belong to."""
    program = HOSTILE + textwrap.dedent(
        """
        import socket, time
        class Callable(metaclass=Meta):
            def __call__(self): pass
            __name__ = __self__ = __module__ = property(refuse)
            def __getattribute__(self, name): refuse()
        type.__call__(Callable)()
        class Lookalike(dict):
            __module__ = property(refuse)
            time = now = listen = dict.copy
            __class__ = property(refuse)
        one = Lookalike()
        one.time(), one.now(), one.listen()
        class Socket(socket.socket):
            def __getattribute__(self, name):
                if name.startswith("__"): refuse()
                return super().__getattribute__(name)
            __class__ = property(refuse)
            family = type = property(refuse)
        own = Socket()
        own.bind(("127.0.0.1", 0)), own.listen()
        """
    )
    ended = probed.run("-c", program)
    assert ended.seen == plain.run("-c", program).seen
    assert [name for name, _ in ended.events("<string>", "socket.listen")] == ["socket.listen"]


@pytest.mark.parametrize(
    "text",
    ["'x' * 10**7", "'\\U0010ffff' * 5000", "'\\x00\\x1b[31m\\n\\r\\x7f' * 100", "'\\ud800' * 400", "'\"' * 400", "'\\\\' * 400", "'\\u2028' * 400",
     "b'\\xff' * 10**7", "b'\\xf0\\x9f\\x90' * 400", "10**30000", "-10**30", "True", "1e300", "None", "['\\U0010ffff' * 400] * 400", "(b'x' * 400,) * 400", "[[['x']]]"],
)  # fmt: skip
def test_any_argument_fits(probed: Prefix, text: str) -> None:
    program = f"import sys\nvalue = {text}\nsys.audit('os.rename', *[value] * 9)\nsys.audit('os.rename', value)"
    ended = probed.run("-c", program)
    assert ended.seen == (0, b"", b"")
    many, one = [line for line in ended.lines if line["e"] == "os.rename"]
    assert len(many["a"]) == 6
    assert many["l"] == 3
    value = eval(text)
    if isinstance(value, str):
        assert one["a"] == [value[:300]]
        assert value.startswith(many["a"][0])


def test_lists_of_lists_do_not_take_time(probed: Prefix) -> None:
    program = "import sys\nvalue = ['x']\nfor _ in range(60): value = [value] * 20\nvalue.append(value)\nsys.audit('os.rename', value)"
    ended = probed.run("-c", program)
    assert ended.seen == (0, b"", b"")
    assert ended.lines[-1]["a"] == [" ".join(["<list>"] * 20)]


@pytest.mark.parametrize(
    "name",
    [
        "'x' * 10**6",
        "'\\U0010ffff' * 300",
        "'\\ud800\\n\\0'[:2]",
        "type('S', (str,), {'startswith': print, '__str__': print})('own')",
    ],
)
def test_any_name_of_a_file_and_a_module(probed: Prefix, name: str) -> None:
    program = (
        f"import os\nname = {name}\ncode = compile('import os, time\\ndef f(n):\\n  f(n - 1) if n else (os.putenv(\"A\", \"B\"), time.time())\\nf(9)', 'x', 'exec')\n"
        "def renamed(code): return code.replace(co_filename=name, co_consts=tuple(renamed(c) if type(c) is type(code) else c for c in code.co_consts))\n"
        "exec(renamed(code), {'__name__': name}); exec(renamed(code), {'__name__': 5}); exec(renamed(code), {})"
    )
    ended = probed.run("-c", program)
    assert ended.seen == (0, b"", b"")
    told = [line for line in ended.lines if line["e"] == "os.putenv"]
    assert [line["m"][:5] for line in told] == [told[0]["m"][:5], "5", ""]
    assert [line["l"] for line in told] == [3, 3, 3]


def test_what_is_asked_for_is_not_asked(probed: Prefix, plain: Prefix) -> None:
    """Functions that are watched are given things of the package's, by code whose names are its own too."""
    program = HOSTILE + textwrap.dedent(
        """
        import base64, hashlib, importlib, json, os, pathlib, signal, socket, zlib
        class Path(type(pathlib.Path())):
            __str__ = __repr__ = __fspath__ = __hash__ = refuse
        things.append(Path("own"))
        os.chdir("/")
        asked = (os.path.exists, os.path.getsize, os.stat, os.listdir, os.environ.get, os.getenv, importlib.import_module,
                 json.dumps, base64.b64decode, hashlib.new, hashlib.md5, zlib.compress, bytes.fromhex, eval, compile, __import__,
                 lambda one: signal.signal(one, signal.SIG_IGN), lambda one: one in os.environ)
        for function in asked:
            for thing in things:
                try: function(thing)
                except BaseException as error: print(type(error).__name__)
        def exists(path):
            return os.path.exists("text"), os.environ.get("A"), zlib.compress(b"x")
        for name in (Text("exists"), Text("dumps"), "exists", "__getitem__"):
            for file in (Text("x"), os.path.__file__, json.__file__, os.__file__):
                code = exists.__code__.replace(co_name=name, co_filename=file)
                for module in (Text("json"), "os", 5):
                    type(exists)(code, dict(os=os, zlib=zlib, __name__=module))(things[0])
        print("end")
        """
    )
    ended = probed.run("-I", "-S", "-c", program)
    assert ended.seen == plain.run("-I", "-S", "-c", program).seen
    assert ended.output.endswith(b"end\n")
    assert "zlib.compress" in {line["e"] for line in ended.lines}
    assert ended.errors == b""
