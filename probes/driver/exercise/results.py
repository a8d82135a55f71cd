"""What a call gives may be work that was not done yet: coroutines are run, of generators a few items are taken."""

from __future__ import annotations

from exercise.kept import keep
from exercise.members import module_of, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

keep(globals())

_ITEMS = 3


class Results:
    """Takes what calls give. `seconds` is how long a coroutine may take."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop: Any = None

    def take(self, result: Any) -> None:
        """Does the work of a result. Raises what that raises."""
        kind = name_of(type(result))
        module = module_of(type(result))
        if module == "builtins" and kind == "generator":
            _some(result)
            result.close()
        elif module == "builtins" and kind in {"coroutine", "async_generator"}:
            self._run(_some_later(result) if kind == "async_generator" else result)
        elif module == "contextlib" and kind == "_GeneratorContextManager":
            with result:
                pass
        elif module == "contextlib" and kind == "_AsyncGeneratorContextManager":
            self._run(_entered(result))

    def _run(self, coroutine: Any) -> None:
        import asyncio

        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.wait_for(coroutine, self._seconds))


def _some(generator: Any) -> None:
    for place, _ in enumerate(generator, 1):
        if place >= _ITEMS:
            break


async def _some_later(generator: Any) -> None:
    left = _ITEMS
    async for _ in generator:
        left -= 1
        if not left:
            break
    await generator.aclose()


async def _entered(manager: Any) -> None:
    async with manager:
        pass
