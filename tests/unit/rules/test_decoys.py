"""Whoever reads a planted secret is seen to steal it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analyzer.model.event import Event, PythonCall
from analyzer.rules.loader import builtin
from analyzer.sandbox import decoys
from tests.unit.rules.events import event, opened

PLANTED = decoys.make()
PLACES = {secret.name: secret.path for secret in PLANTED.secrets}

Seen = Callable[[Event], set[str]]


@pytest.fixture(scope="module")
def seen() -> Seen:
    """The behaviors that one event shows by itself. The search for many secrets, which is told of several, is left out."""
    engine = builtin().engine()
    return lambda one: {found.behavior for found in engine.observe([one])} - {"steal.secrets.search"}


def looked_up(name: str) -> Event:
    return event(PythonCall("environ.get", (name,)), layer="interpreter")


@pytest.mark.parametrize("name", PLACES)
def test_reading_a_decoy_is_theft(name: str, seen: Seen) -> None:
    place = PLACES[name]
    found = seen(looked_up(place[1:]) if place.startswith("$") else opened(place))
    assert {behavior for behavior in found if behavior.startswith("steal.")}


@pytest.mark.parametrize("name", ["AWS_DEFAULT_REGION", "EDITOR", "HISTSIZE", "PAGER"])
def test_a_variable_without_a_secret_is_none_to_steal(name: str, seen: Seen) -> None:
    assert name in PLANTED.environment
    assert seen(looked_up(name)) == {"search.environment.query"}


def test_a_public_key_is_none_to_steal(seen: Seen) -> None:
    assert not {
        behavior for behavior in seen(opened("/home/alex/.ssh/id_ed25519.pub")) if behavior.startswith("steal.")
    }
