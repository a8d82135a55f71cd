from __future__ import annotations

from analyzer.sandbox.docker.crowding import MOST_REFUSALS, Crowding


def ended(*counts: int) -> tuple[list[int], list[str]]:
    """At which looks the command was ended, when so many processes were refused until each, and the reasons."""
    left, at = list(counts), []
    one = Crowding(lambda: left[0], lambda: at.append(len(counts) - len(left)), 100)
    while left:
        one.look()
        left.pop(0)
    return at, one.reasons


def test_a_few_refusals_are_nothing() -> None:
    assert ended(0, 5, MOST_REFUSALS) == ([], [])


def test_who_never_stops_asking_is_ended_and_that_is_told() -> None:
    at, reasons = ended(0, MOST_REFUSALS + 1)
    assert at == [1]
    assert reasons == [
        "the limit of 100 processes was reached, and a command was ended that was refused more than 500 others"
    ]


def test_after_its_end_the_count_begins_anew() -> None:
    # With the container, or without, where the kernel counts on.
    assert ended(5000, 0, 499, 501)[0] == [0, 3]
    assert ended(5000, 5001, 5499, 5502)[0] == [0, 3]
