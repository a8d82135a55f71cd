from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from analyzer.sandbox.signals import deferred_signals


class Stopped(Exception):
    """What the handler of the tests raises."""


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Handlers that raise, and the ones of before afterwards."""

    def stop(number: int, frame: object) -> None:
        raise Stopped(number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_comes_after_the_block(number: signal.Signals) -> None:
    made = []
    with pytest.raises(Stopped), deferred_signals():
        signal.raise_signal(number)
        made.append("thing")
    assert made == ["thing"]


def test_of_several_signals_the_first_is_delivered() -> None:
    with pytest.raises(Stopped) as raised, deferred_signals():
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
    assert raised.value.args == (signal.SIGTERM,)


def test_without_a_signal_nothing_happens_and_the_handlers_are_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with deferred_signals():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_an_ignored_signal_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with deferred_signals():
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        signal.raise_signal(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


def test_an_error_in_the_block_puts_the_handlers_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="ours"), deferred_signals():
        raise ValueError("ours")
    assert signal.getsignal(signal.SIGINT) == before


def test_another_thread_may_use_it() -> None:
    done = []

    def work() -> None:
        with deferred_signals():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
