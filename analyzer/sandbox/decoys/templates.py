"""Templates: text with places such as `{alnum:36 as GitHub token}`, each of which becomes a value that no other run has.

A place names a kind of value (`values.py`), mostly with its length or another word after a colon, and after `as` the name under which
the value is a secret, if it is one. `{same:GitHub token}` is that value once more, and `{public:SSH key}` the public half of a key pair of
that name. `{{` and `}}` stand for single braces; a single brace that begins no place stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from analyzer.sandbox.decoys.values import KINDS, Value

MIN_PROOF: Final = 12
"""Characters that a value needs: a shorter one may be in what is sent by chance."""

_PLACE = re.compile(r"\{(?P<kind>[a-z][a-z0-9-]*)(?::(?P<word>[^{}\n]*?))?(?: as (?P<name>[^{}\n:]+))?\}|\{\{|\}\}")
_SAME, _PUBLIC = "same", "public"


@dataclass(slots=True)
class Filler:
    """Fills the templates of one run.

    `names` are places of their own, `secrets` collects name and value of what is planted, and `made` all values in their order.
    """

    names: dict[str, str] = field(default_factory=dict)
    secrets: list[tuple[str, str]] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    _known: dict[str, Value] = field(default_factory=dict)

    def fill(self, template: str) -> str:
        """The text. A place whose kind is unknown stays as it is: it is a brace of the text's own (the schema refuses mistakes)."""
        return _PLACE.sub(self._value, template)

    def take_secrets(self) -> list[tuple[str, str]]:
        """The secrets since the last call."""
        taken, self.secrets = self.secrets, []
        return taken

    def _value(self, place: re.Match[str]) -> str:
        if place["kind"] is None:
            return place[0][0]
        kind, word, name = place["kind"], place["word"] or "", place["name"]
        if kind in self.names:
            return self.names[kind]
        if kind == _SAME:
            return self._again(word)
        if kind == _PUBLIC:
            return self._known[word].public
        make = KINDS.get(kind)
        if make is None:
            return place[0]
        value = make(word)
        self.made += [proof for proof in value.proofs if len(proof) >= MIN_PROOF]
        if name is not None:
            self._known[name] = value
            self.secrets += [(name, proof) for proof in value.proofs if len(proof) >= MIN_PROOF]
        return value.text

    def _again(self, name: str) -> str:
        value = self._known[name]
        self.secrets += [(name, proof) for proof in value.proofs if len(proof) >= MIN_PROOF]
        return value.text


def fill(template: str) -> tuple[str, list[str]]:
    """The text of one template, and those of the values in it that prove by themselves that the text was sent."""
    filler = Filler()
    return filler.fill(template), filler.made


def filled(value: Any, fill: Callable[[str], str], fill_key: Callable[[Any], str]) -> Any:
    """A value of JSON with all texts in it filled, and the keys of its objects."""
    if isinstance(value, str):
        return fill(value)
    if isinstance(value, dict):
        return {fill_key(key): filled(one, fill, fill_key) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, fill, fill_key) for one in value]
    return value


def places(template: str) -> list[tuple[str, str, str | None]]:
    """Kind, word and name of a template's places, in their order."""
    found = _PLACE.finditer(template)
    return [(place["kind"], place["word"] or "", place["name"]) for place in found if place["kind"] is not None]
