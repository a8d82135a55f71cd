from __future__ import annotations

import base64

import pytest
from searcher.bounds import Bounds, Clock
from searcher.host import Host
from searcher.hunting import Hunter
from searcher.messages import Message, Place
from searcher.search import Found, Search

from tests.unit.searcher.hunts import FACTS, KEY, SECRETS, TOKEN


def message(number: int, part: str, data: bytes, host: str = "collect.example") -> Message:
    place = Place(
        "exchanges", number, 100.0 + number, f"http://{host}/", host, "tcp", ("192.0.2.7", 80), ("192.168.1.23", 4000), number
    )  # fmt: skip
    return Message(place, part, data)


def search(messages: list[Message], said: list[str] | None = None) -> list[Found]:
    bounds = Bounds(seconds=60.0)
    clock = Clock(bounds)
    said = said if said is not None else []
    hunter = Hunter(SECRETS, Host(FACTS, "6.1.0-9-amd64"), bounds, clock, said.append)
    return Search(hunter, bounds, clock, said.append).run(messages)


def chunks(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def names(form: str, pieces: list[bytes], shuffled: bool = False) -> list[Message]:
    told = list(enumerate(pieces))
    if shuffled:
        told = told[::2] + told[1::2]
    return [message(number, "name", form.format(n, data.decode()).encode()) for number, (n, data) in enumerate(told)]


@pytest.mark.parametrize(
    "form",
    ["{1}.x.collect.example", "{0}.{1}.collect.example", "{1}.{0}.collect.example", "{0}-{1}.collect.example", "s{0}.{1}.x1.collect.example"],
)  # fmt: skip
@pytest.mark.parametrize("encode", [base64.b32encode, lambda data: data.hex().encode(), base64.urlsafe_b64encode])
def test_what_is_split_over_names_is_found(form: str, encode) -> None:
    pieces = chunks(encode(b"k=" + TOKEN.value).rstrip(b"="), 10)
    (found,) = search(names(form, pieces))
    assert found[2].secret == TOKEN
    assert found[2].share == 100
    assert found[2].encodings[0] == "split"
    assert found[1] == "name"


@pytest.mark.parametrize("form", ["{0}.{1}.collect.example", "{0}-{1}.collect.example", "n{0}.{1}.collect.example"])
def test_a_counter_puts_names_in_order(form: str) -> None:
    pieces = chunks(base64.b32encode(TOKEN.value).rstrip(b"=").lower(), 12)
    (found,) = search(names(form, pieces, shuffled=True))
    assert found[2].share == 100


def test_one_name_with_several_labels_is_enough() -> None:
    text = ".".join(piece.decode() for piece in chunks(base64.b32encode(TOKEN.value).rstrip(b"="), 30))
    (found,) = search([message(1, "name", f"{text}.collect.example".encode())])
    assert found[2].share == 100


@pytest.mark.parametrize("part", ["body", "query", "path", "header", "payload", "stream"])
@pytest.mark.parametrize(
    "form",
    [
        '{{"part": {0}, "data": "{1}"}}',
        "i={0}&d={1}",
        "x-part: {0}\nx-data: {1}\nuser-agent: tool/1.2.3-for-everything",
    ],
)
@pytest.mark.parametrize("shuffled", [False, True])
def test_what_is_split_over_requests_is_found(part: str, form: str, shuffled: bool) -> None:
    told = list(enumerate(chunks(base64.b64encode(KEY.value), 8)))
    if shuffled:
        told.reverse()
    messages = [message(number, part, form.format(n, data.decode()).encode()) for number, (n, data) in enumerate(told)]
    (found,) = search(messages)
    assert found[2].secret == KEY
    assert found[2].share >= 80 if shuffled else found[2].share == 100


def test_bodies_are_joined_as_they_are() -> None:
    (found,) = search(
        [message(number, "body", piece) for number, piece in enumerate(chunks(b"--" + TOKEN.value + b"--", 11))]
    )
    assert found[2].encodings == ("split",)
    assert found[2].share == 100


def test_messages_to_different_hosts_do_not_belong_together() -> None:
    pieces = chunks(TOKEN.value, 8)
    assert not search([message(n, "body", piece, f"host{n}.example") for n, piece in enumerate(pieces)])


def test_a_whole_value_in_one_message_is_told_of_that_message() -> None:
    found = search([message(1, "body", b"hello"), message(2, "body", b"k=" + TOKEN.value), message(3, "body", b"bye")])
    assert [(place.line, hit.encodings) for place, _, hit in found] == [(2, ())]


def test_the_same_value_in_two_messages_is_told_twice() -> None:
    found = search([message(1, "body", TOKEN.value), message(2, "header", TOKEN.value), message(2, "body", KEY.value)])
    assert [(place.line, part, hit.secret.name) for place, part, hit in found] == [
        (1, "body", "a token"),
        (2, "header", "a token"),
        (2, "body", "a key"),
    ]


def test_two_facts_in_one_message_are_a_hit_and_in_two_messages_are_none() -> None:
    (found,) = search([message(1, "body", b"u=mira"), message(1, "header", b"x-host: mira-laptop")])
    assert found[2].secret.name == "host name, user name"
    assert found[2].secret.path == ""
    assert not search([message(1, "body", b"u=mira"), message(2, "body", b"x-host: mira-laptop")])


def test_a_search_that_has_no_time_left_says_so() -> None:
    said: list[str] = []
    bounds = Bounds(seconds=0.0)
    clock = Clock(bounds)
    hunter = Hunter(SECRETS, Host([]), bounds, clock, said.append)
    assert not Search(hunter, bounds, clock, said.append).run([message(1, "body", TOKEN.value)])
    assert said == ["the search of what was sent took more than 0 seconds: not all was searched"]
