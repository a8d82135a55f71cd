from __future__ import annotations

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.content.secrets import SecretBook, fact, find_secrets
from analyzer.model.filefacts import MAX_SECRETS
from tests.unit.content import tokens


def services(text: str | bytes) -> list[str]:
    return [one.service for one in find_secrets(text.encode() if isinstance(text, str) else text)]


@pytest.mark.parametrize("service", tokens.ALL)
def test_a_token_is_found_in_text_and_in_a_binary_file(service: str) -> None:
    token = tokens.ALL[service]
    quoted = token if service in {"npm", "private key"} else f'token = "{token}"'
    assert services(f"first\n{quoted}\nlast\n") == [service]
    assert services(b"\x7fELF\0\0" + token.encode() + b"\0\xff\xfe") == [service]


def test_where_it_stands_is_told() -> None:
    found = list(find_secrets(f'a\nkey = "{tokens.AWS}"\n'.encode()))
    assert [(one.secret, one.place) for one in found] == [(tokens.AWS, 9)]


@pytest.mark.parametrize(
    "text",
    [
        'aws_access_key_id = "AKIAIOSFODNN7EXAMPLE"',
        "ghp_" + "x" * 36,
        "glpat-<your-token-goes-here-please>",
        'if key.startswith("-----BEGIN RSA PRIVATE KEY-----"):\n    return parse(key)\n',
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        '"Key": "-----BEGIN DSA PRIVATE KEY-----<a long text>-----END DSA PRIVATE KEY-----", "' + tokens.BODY * 3,
        "-----BEGIN RSA PRIVATE KEY-----\n" + "A" * 64,
        "sk_live_" + "0" * 24,
        tokens.segment({"alg": "HS256", "typ": "JWT"})
        + "."
        + tokens.segment({"sub": "1234567890", "name": "John Doe"})
        + "."
        + tokens.BODY,
        "eyJhbGciOi.eyJub3QganNvbg.xyz",
        "NotADiscordTokenButLong12.module.some_function_name_here_1",
        "commit AC3f9a1c7b2e8d4056a1b3c5d7e9f02468deadbeef",
        "cloudant is a database, and ibm_cloud another service; cos_hmac too",
        "hooks.slack.com/services/",
    ],
)
def test_what_documentation_shows_is_none(text: str) -> None:
    assert services(text) == []


def test_packed_and_encoded_bytes_hold_none() -> None:
    noise = os.urandom(400_000)
    assert services(base64.b64encode(noise)) == []
    assert services(noise.hex()) == []


def test_only_the_beginning_is_kept() -> None:
    for one in (next(find_secrets(token.encode())) for token in tokens.ALL.values()):
        kept = fact(one, "a.py", 1)
        assert kept.length == len(one.secret)
        if one.service != "private key":
            assert len(kept.shown) <= 6
            assert one.secret not in kept.model_dump_json()


def test_the_same_secret_is_kept_once_and_there_is_an_end_to_them() -> None:
    book = SecretBook()
    one = next(find_secrets(tokens.AWS.encode()))
    book.add(one, "a.py", 1)
    book.add(one, "b.py", 2)
    assert [(kept.file, kept.line) for kept in book.facts] == [("a.py", 1)]
    for number in range(MAX_SECRETS):
        other = next(find_secrets(f"AKIA{number:04d}".replace("0", "Z").encode() + b"XLTSN7RZ2VKQ"), None)
        if other is not None:
            book.add(other, "c.py", 1)
    assert len(book.facts) <= MAX_SECRETS


@given(st.binary(max_size=2000), st.sampled_from(sorted(tokens.ALL)))
def test_bytes_around_a_token_do_not_hide_it(noise: bytes, service: str) -> None:
    data = noise + b"\n" + tokens.ALL[service].encode() + b"\n" + noise
    assert service in services(data)
