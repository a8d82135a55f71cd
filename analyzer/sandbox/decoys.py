"""Planted secrets: read from `decoys.yaml`, with values that are unique to the run."""

from __future__ import annotations

import base64
import re
import secrets
import string
from importlib.resources import files

import yaml

_PLACE = re.compile(r"\{(alnum|upper|base64|hex):(\d+)\}|\{(openssh)\}")
_ALPHABETS = {
    "alnum": string.ascii_letters + string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "base64": string.ascii_letters + string.digits + "+/",
    "hex": "0123456789abcdef",
}


def make() -> list[dict[str, str]]:
    """The decoys of one run: path below the home, octal mode, text."""
    templates = yaml.safe_load(files("analyzer.sandbox").joinpath("decoys.yaml").read_text(encoding="utf-8"))
    return [{**template, "text": _fill(template["text"])} for template in templates]


def _fill(template: str) -> str:
    return _PLACE.sub(_value, template).replace("{{", "{").replace("}}", "}")


def _value(match: re.Match[str]) -> str:
    if match[3]:
        return _openssh_key()
    alphabet = _ALPHABETS[match[1]]
    return "".join(secrets.choice(alphabet) for _ in range(int(match[2])))


def _openssh_key() -> str:
    """Random bytes in the layout of an unencrypted ed25519 key (openssh PROTOCOL.key): the right shape and length, no key."""
    public = _field(b"ssh-ed25519") + _field(secrets.token_bytes(32))
    check = secrets.token_bytes(4)
    private = check + check + public + _field(secrets.token_bytes(64)) + _field(b"alex@laptop")
    private += bytes(range(1, 1 + -len(private) % 8))
    blob = (
        b"openssh-key-v1\0" + _field(b"none") + _field(b"none") + _field(b"") + (1).to_bytes(4, "big") + _field(public)
    )
    text = base64.b64encode(blob + _field(private)).decode("ascii")
    return "\n".join(text[start : start + 70] for start in range(0, len(text), 70))


def _field(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value
