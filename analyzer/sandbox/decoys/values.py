"""Values of secrets in the formats of their issuers: right prefix, alphabet, length and checksum, and random otherwise."""

from __future__ import annotations

import base64
import json
import secrets
import string
import time
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final

from analyzer.sandbox.decoys import keys

_BASE62: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ALPHABETS: Final = {
    "alnum": string.ascii_letters + string.digits,
    "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "base64": string.ascii_letters + string.digits + "+/",
    "digits": string.digits,
    "hex": "0123456789abcdef",
    "hexupper": "0123456789ABCDEF",
    "lower": string.ascii_lowercase + string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "url64": string.ascii_letters + string.digits + "-_",
}
_AWS_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Value:
    """What takes a place. `proofs` are the texts that, found in what was sent, prove that it was sent; mostly the text itself.

    `public` is the other half of a key pair.
    """

    text: str
    proofs: tuple[str, ...]
    public: str = ""


def characters(alphabet: str, count: int) -> str:
    """So many random characters, each as likely as another."""
    table, unfair = _table(alphabet)
    text = ""
    while len(text) < count:
        text += secrets.token_bytes(2 * count).translate(table, unfair).decode("ascii")
    return text[:count]


@cache
def _table(alphabet: str) -> tuple[bytes, bytes]:
    """The character of each byte, and the bytes to leave out, so that all characters have as many bytes."""
    size = len(alphabet)
    return bytes(ord(alphabet[byte % size]) for byte in range(256)), bytes(range(256 - 256 % size, 256))


def _random(alphabet: str, word: str) -> str:
    return characters(alphabet, int(word))


def _bytes(word: str) -> str:
    """Random bytes, as the characters of the same numbers."""
    return secrets.token_bytes(int(word)).decode("latin-1")


def _number(word: str) -> str:
    """A number from and to, both included."""
    low, _, high = word.partition("-")
    return str(int(low) + secrets.randbelow(int(high) - int(low) + 1))


def _aws_key_id(word: str) -> str:
    """An access key id (AWS, IAM identifiers): four letters for the kind, then sixteen of base32."""
    return (word or "AKIA") + characters(_AWS_ALPHABET, 16)


def _github(word: str) -> str:
    """A token of GitHub's: prefix, 30 random characters, and their CRC-32 in six digits of base 62 (github.blog, 2021-04-05)."""
    body = characters(_ALPHABETS["alnum"], 30)
    return f"{word}_{body}{_base62(zlib.crc32(body.encode())):0>6}"


def _npm(word: str) -> str:
    """An access token of npm's, which has the same form."""
    return _github(word or "npm")


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return digits or "0"


def _jwt(word: str) -> str:
    """A signed JSON Web Token (RFC 7519) of an issuer: real header and claims, a signature of random bytes."""
    issued = int(time.time()) - secrets.randbelow(20 * _DAY)
    claims: dict[str, Any] = {
        "iss": word,
        "sub": "alex",
        "iat": issued,
        "exp": issued + 90 * _DAY,
        "jti": str(uuid.uuid4()),
    }
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
    return ".".join(_url64(part) for part in (*parts, secrets.token_bytes(256)))


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _basic(word: str) -> Value:
    """A user's name and 24 characters of password as HTTP sends them (RFC 7617): the password alone proves as much."""
    password = characters(_ALPHABETS["alnum"], 24)
    text = base64.b64encode(f"{word}:{password}".encode()).decode("ascii")
    return Value(text, (text, password))


def _coded(word: str) -> Value:
    """So many characters of a password in base 64, as programs keep it that do not want it read at a glance."""
    password = characters(_ALPHABETS["alnum"], int(word))
    text = base64.b64encode(password.encode()).decode("ascii")
    return Value(text, (text, password))


def _discord(word: str) -> str:
    """A user's token: the number of the account in base 64, a time, and a key."""
    del word
    account = base64.b64encode(str(10**17 + secrets.randbelow(10**18 - 10**17)).encode()).decode("ascii").rstrip("=")
    return f"{account}.G{characters(_ALPHABETS['alnum'], 5)}.{characters(_ALPHABETS['url64'], 38)}"


def _solana(word: str) -> str:
    """A key pair as Solana's command line keeps it: the 64 bytes of an ed25519 pair as numbers."""
    del word
    return "[" + ",".join(map(str, keys.ed25519_bytes())) + "]"


def _key(make: Callable[[], keys.KeyPair], word: str) -> Value:
    del word
    pair = make()
    return Value(pair.private, (pair.proof,), pair.public)


def _plain(make: Callable[[str], str], word: str) -> Value:
    text = make(word)
    return Value(text, (text,))


KINDS: Final[dict[str, Callable[[str], Value]]] = {
    **{name: partial(_plain, partial(_random, alphabet)) for name, alphabet in _ALPHABETS.items()},
    "bytes": partial(_plain, _bytes),
    "number": partial(_plain, _number),
    "uuid": partial(_plain, lambda _: str(uuid.uuid4())),
    "aws": partial(_plain, _aws_key_id),
    "github": partial(_plain, _github),
    "npm": partial(_plain, _npm),
    "jwt": partial(_plain, _jwt),
    "discord": partial(_plain, _discord),
    "solana": partial(_plain, _solana),
    "basic": _basic,
    "coded": _coded,
    "openssh-ed25519": partial(_key, keys.openssh_ed25519),
    "openssh-rsa": partial(_key, keys.openssh_rsa),
    "openssh-ecdsa": partial(_key, keys.openssh_ecdsa),
    "pem-ecdsa": partial(_key, keys.pem_ecdsa),
    "pem-rsa": partial(_key, keys.pem_rsa),
    "wireguard": partial(_key, keys.wireguard),
}
"""What makes the values of each kind, from the word behind the colon."""
