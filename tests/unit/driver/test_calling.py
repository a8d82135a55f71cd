"""The driver that calls what modules define: what counts, in which order, and what it survives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.driver.driving import call

KINDS = """
    import asyncio, contextlib, functools
    from os.path import join
    from json import JSONDecoder

    def function(): print("function")
    alias = function
    def _private(): print("private")

    class Thing:
        def __init__(self): print("made")
        def method(self): print("method", type(self).__name__)
        other_name = method
        @staticmethod
        def static(): print("static")
        @classmethod
        def of_class(cls): print("class method", cls.__name__)
        @property
        def told(self): print("property")
        def _private(self): print("private")
        def __call__(self): print("called")
        class Inner:
            def method(self): print("inner method")

    async def later():
        await asyncio.sleep(0)
        print("coroutine")

    def items():
        for number in range(100): print("item", number); yield number

    async def items_later():
        for number in range(100): print("later item", number); yield number

    @contextlib.contextmanager
    def within():
        print("entered"); yield; print("left")

    @functools.lru_cache(maxsize=None)
    def cached(): print("cached")

    @functools.wraps(function)
    def wrapped(*arguments): print("wrapped")
    wrapped.__qualname__ = wrapped.__name__ = "wrapped"
    constant = 3
"""


def test_what_counts_and_what_is_done_with_it(python: Path, tmp_path: Path) -> None:
    driven = call(python, tmp_path, kinds=KINDS)
    names = [name.removeprefix("kinds:") for name in driven.called]
    assert names == [
        "function", "Thing", "Thing.method", "Thing.static", "Thing.of_class", "Thing.__call__", "Thing.Inner", "Thing.Inner.method",
        "later", "items", "items_later", "within", "cached", "wrapped",
    ]  # fmt: skip
    assert not any(driven.ends.values()), driven.ends
    assert driven.output.splitlines() == [
        "function", "made", "method Thing", "static", "class method Thing", "called", "inner method", "coroutine",
        "item 0", "item 1", "item 2", "later item 0", "later item 1", "later item 2", "entered", "left", "cached", "wrapped",
    ]  # fmt: skip
    assert driven.untimed[0] == {"found": 7}
    assert driven.messages[-1] == {"done": True}


def test_the_same_each_time(python: Path, tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
    first, second = [call(python, folder, kinds=KINDS).untimed for folder in folders]
    assert first == second


def test_what_is_imported_from_elsewhere_is_not_called_again(python: Path, tmp_path: Path) -> None:
    driven = call(
        python, tmp_path, first="def one(): print('one')\nclass Two: pass", second="from first import one, Two"
    )
    assert driven.called == ["first:one", "first:Two"]
    assert driven.output == "one\n"


def test_arguments_by_annotation_and_name(python: Path, tmp_path: Path) -> None:
    text = """
        from __future__ import annotations
        import datetime, enum, os, pathlib, typing
        from typing import TYPE_CHECKING, Any, Callable, Dict, List, Literal, Optional, Tuple, Union
        if TYPE_CHECKING:
            from collections.abc import Mapping, Sequence
            from nowhere import Unknown

        class Color(enum.Enum):
            RED = 1
            BLUE = 2

        class Base:
            pass

        def texts(a: str, b: "int", c: Optional[float], d: "str | None", e: bytes, f: bool): print(a, b, c, d, e, f)
        def many(a: List[int], b: Dict[str, float], c: "Sequence[Mapping[str, int]]", d: Tuple[int, str], e: "set[str]"): print(a, b, c, d, e)
        def special(a: Literal["x", "y"], b: Color, c: Union[None, int], d: Callable[[int], str], e: Base, f: Any):
            print(a, b, c, d(1), type(e).__name__, f)
        def dates(a: datetime.date, b: "datetime.datetime", c: pathlib.Path, d: os.PathLike):
            print(a, b, c.name, pathlib.Path(d).name)
        def named(url, port, count, timeout, verbose, items, is_new, callback): print(url, port, count, timeout, verbose, items, is_new, callback())
        def files(filename, path: str, output_file, folder): print(*(os.path.exists(one) for one in (filename, path, output_file, folder)))
        def defaults(a, b=2, *more, c, d=4, **named): print(a, b, more, c, d, named)
        def odd(a: Unknown, b: "][", c: "Unknown[", d: 5, e: "'str'"): print(a, b, c, d, e)
    """
    driven = call(python, tmp_path, takes=text)
    assert not any(driven.ends.values()), driven.ends
    fox = "The quick brown fox"
    assert driven.output.splitlines() == [
        f"{fox} 3 1.5 {fox} {(fox + chr(10)).encode()} True",
        f"[3] {{'name': 1.5}} [{{'name': 3}}] (3, '{fox}') {{'{fox}'}}",
        f"x Color.RED 3 None Base {fox}",
        "2024-05-17 2024-05-17 09:30:00 notes.txt notes.txt",
        "https://www.shop.example/items?id=3 8080 3 0.1 True ['1', '2', '3'] True None",
        "True True False True",
        f"3 2 () {fox} 4 {{}}",
        f"3 3 {fox} {fox} {fox}",
    ]


def test_a_constructor_that_raises_stops_nothing(python: Path, tmp_path: Path) -> None:
    text = """
        class Closed:
            def __init__(self): raise ValueError("closed")
            def method(self): print("never")
            @staticmethod
            def static(): print("static")
        class Other:
            def __init__(self, secret): raise ValueError("use make")
            @classmethod
            def make(cls): return object.__new__(cls)
            def method(self): print("other method")
        class Base:
            def __init__(self): self.part
            def method(self): print("by", type(self).__name__)
        class Below(Base):
            part = 1
        class Needs:
            def __init__(self, below: Below): print("needs", type(below).__name__)
        def after(): print("after")
    """
    driven = call(python, tmp_path, raises=text)
    assert driven.skipped == {"raises:Closed.method": "no instance of its class: ValueError: closed"}
    assert driven.output.splitlines() == ["static", "other method", "by Below", "needs Below", "after"]
    assert driven.ends["raises:Closed"] == "ValueError: closed"


@pytest.mark.parametrize(
    "body",
    [
        "raise SystemExit(3)",
        "raise KeyboardInterrupt",
        "raise GeneratorExit",
        "def deep(): deep()\n    deep()",
        "print('x' * 1_000_000)",
        "sys.modules.clear()",
        "builtins.len = builtins.type = builtins.issubclass = builtins.isinstance = builtins.print = None",
        "del builtins.BaseException, builtins.getattr, builtins.enumerate",
        "json.dumps = os.write = time.monotonic = sys.stdout = None",
        "sys.stdout.close()",
        "os.close(0); os.close(1)",
        "os.chdir('/'); sys.path.clear()",
        "if os.fork(): os.wait()",
        "sys.setrecursionlimit(sys.getrecursionlimit() // 2)",
        "import threading; threading.current_thread().name = 5",
        "sys.settrace(lambda *_: 1 / 0)",
        "import asyncio; asyncio.run(asyncio.sleep(0)); asyncio.set_event_loop(None)",
    ],
)
def test_what_a_call_does_costs_only_itself(python: Path, tmp_path: Path, body: str) -> None:
    text = f"import builtins, json, os, sys, time\ndef first():\n    {body}\nasync def second(): pass\nclass Third:\n    def method(self): pass\n"
    driven = call(python, tmp_path, damages=text)
    assert driven.called == ["damages:first", "damages:second", "damages:Third", "damages:Third.method"]
    assert driven.messages[-1] == {"done": True}


def test_hostile_objects_run_nothing_when_they_are_looked_at(python: Path, tmp_path: Path) -> None:
    text = """
        import sys
        class Evil:
            def __eq__(self, other): print("equal"); raise SystemExit
            def __getattribute__(self, name): print("attribute", name); raise SystemExit
            __hash__ = None
        class Meta(type):
            def __getattribute__(self, name): print("class attribute", name); raise SystemExit
            def __instancecheck__(self, one): raise SystemExit
            def __eq__(self, other): raise SystemExit
            __hash__ = type.__hash__
        class Mean(metaclass=Meta):
            def method(self): pass
        def function(): pass
        def last(): pass
        function.__module__ = Evil()
        evil = Evil()
        sys.modules[__name__].__class__ = type("Module", (type(sys),), {"__getattribute__": Evil.__getattribute__})
    """
    driven = call(python, tmp_path, evil=text)
    assert driven.messages[-1] == {"done": True}
    assert driven.called[-1] == "evil:last"
    assert "evil:Mean.method" in driven.called
    assert "attribute" not in driven.output.replace("attribute __class__", "")


def test_an_end_in_a_call(python: Path, tmp_path: Path) -> None:
    driven = call(python, tmp_path, ends="import os\ndef first(): pass\ndef ends(): os._exit(7)\ndef never(): pass")
    assert driven.status == 7
    assert driven.untimed[-1] == {"begin": "ends:ends"}


def test_it_goes_on_where_another_ended(python: Path, tmp_path: Path) -> None:
    text = """
        def first(): print("never")
        class Thing:
            def __init__(self): print("made")
            def crashes(self): print("never")
            def method(self): print("method")
        class Hangs:
            def __init__(self): print("never")
            def method(self): print("never")
        def last(): print("last")
    """
    passed = ("goes:first", "goes:Thing", "goes:Thing.crashes", "goes:Hangs")
    driven = call(python, tmp_path, passed=passed, lost=("goes:Thing.crashes", "goes:Hangs"), goes=text)
    assert driven.called == ["goes:Thing", "goes:Thing.method", "goes:last"]
    assert driven.output.splitlines() == ["made", "method", "last"]
    assert driven.skipped == {"goes:Hangs.method": "no instance of its class: its constructor did not return"}


def test_a_coroutine_that_waits_for_ever_is_cancelled(python: Path, tmp_path: Path) -> None:
    driven = call(
        python, tmp_path, waits="import asyncio\nasync def waits(): await asyncio.sleep(1000)\ndef after(): pass"
    )
    assert driven.ends["waits:waits"].startswith("TimeoutError")
    assert driven.messages[-1] == {"done": True}


def test_calls_are_made_in_a_folder_of_their_own_which_may_go(python: Path, tmp_path: Path) -> None:
    text = """
        import os
        def first(): print(os.path.basename(os.getcwd())); os.remove("notes.txt"); os.rmdir(os.getcwd())
        def second(): print("goes on")
    """
    driven = call(python, tmp_path, sample=text)
    assert driven.output.split("\n")[:2] == ["scratch", "goes on"]
    assert driven.ends["sample:first"] == driven.ends["sample:second"] == ""
