"""Finding what has the form of a service's access token or of a private key, by the detectors of detect-secrets.

A detector looks only at the few bytes around something that it could find, since all detectors over all bytes would take far
longer than the package's own run. Nothing is ever verified with a service.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from analyzer.model.filefacts import MAX_NAME, MAX_SECRETS, SecretFact

if TYPE_CHECKING:
    from detect_secrets.plugins.base import RegexBasedDetector

_AROUND: Final = 300
_BEHIND: Final = 1500
"""Bytes before and behind a sign that a detector sees, within the line. Tokens are shorter; a JSON Web Token may be longer, and is cut."""

_KEY_BODY: Final = re.compile(rb"-----END|[A-Za-z0-9+/]{48}")
_KEY_REACH: Final = 300
_PRIVATE_KEY: Final = "private_key.PrivateKeyDetector"

_AWS: Final = "aws.AWSKeyDetector"
_GITLAB: Final = "gitlab_token.GitLabTokenDetector"
_IAM: Final = "ibm_cloud_iam.IbmCloudIamDetector"
_COS: Final = "ibm_cos_hmac.IbmCosHmacDetector"
_CLOUDANT: Final = "cloudant.CloudantDetector"
_JWT: Final = "jwt.JwtTokenDetector"
_SLACK: Final = "slack.SlackDetector"
_TWILIO: Final = "twilio.TwilioKeyDetector"

_SIGNS: Final[tuple[tuple[str, str, bytes], ...]] = (
    ("AWS", _AWS, rb"A(?:3T[A-Z0-9]|BIA|CCA|KIA|SIA)[0-9A-Z]{16}"),
    ("AWS", _AWS, rb"aws[^\n]{0,50}[\"'][0-9a-zA-Z/+]{40}[\"']"),
    ("AWS", _AWS, rb"AWS[^\n]{0,50}[\"'][0-9a-zA-Z/+]{40}[\"']"),
    ("Artifactory", "artifactory.ArtifactoryDetector", rb"AKC[a-zA-Z0-9]{40}"),
    ("Azure Storage", "azure_storage_key.AzureStorageKeyDetector", rb"AccountKey="),
    ("Cloudant", _CLOUDANT, rb"cloudant"),
    ("Cloudant", _CLOUDANT, rb"CLOUDANT"),
    ("Discord", "discord.DiscordBotTokenDetector", rb"\.[a-zA-Z\d_-]{6}\.[a-zA-Z\d_-]{27}"),
    ("GitHub", "github_token.GitHubTokenDetector", rb"gh[pousr]_[A-Za-z0-9_]{36}"),
    ("GitLab", _GITLAB, rb"gl(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent|oas)-"),
    ("GitLab", _GITLAB, rb"GR1348941"),
    ("IBM Cloud", _IAM, rb"ibm[_-]?(?:cloud|iam|api)"),
    ("IBM Cloud", _IAM, rb"IBM[_-]?(?:CLOUD|IAM|API)"),
    ("IBM Cloud", _COS, rb"cos[_-]?hmac"),
    ("IBM Cloud", _COS, rb"COS[_-]?HMAC"),
    ("JSON Web Token", _JWT, rb"eyJ[A-Za-z0-9_=-]{10,600}\.eyJ"),
    ("Mailchimp", "mailchimp.MailchimpDetector", rb"-us[0-9]"),
    ("npm", "npm.NpmDetector", rb"/:_authToken="),
    ("OpenAI", "openai.OpenAIDetector", rb"T3BlbkFJ"),
    ("private key", _PRIVATE_KEY, rb"BEGIN [A-Z0-9 ]{0,20}PRIVATE KEY"),
    ("private key", _PRIVATE_KEY, rb"PuTTY-User-Key-File-2"),
    ("PyPI", "pypi_token.PypiTokenDetector", rb"pypi-Ag"),
    ("SendGrid", "sendgrid.SendGridDetector", rb"SG\.[a-zA-Z0-9_-]{22}\."),
    ("Slack", _SLACK, rb"xox[aposbr]-\d"),
    ("Slack", _SLACK, rb"https://hooks\.slack\.com/services/T"),
    ("Square", "square_oauth.SquareOAuthDetector", rb"sq0csp-"),
    ("Stripe", "stripe.StripeDetector", rb"k_live_[0-9a-zA-Z]{24}"),
    ("Telegram", "telegram_token.TelegramBotTokenDetector", rb":AA[0-9A-Za-z_-]{33}"),
    ("Twilio", _TWILIO, rb"AC[a-f0-9]{32}"),
    ("Twilio", _TWILIO, rb"SK[a-f0-9]{32}"),
)  # fmt: skip
"""Service, detector, and what must stand in the bytes before the detector is asked. Each begins with fixed bytes, for which a search takes
a tenth of the time. Narrower than the detector where that alone would find ordinary text: a Telegram token's second part begins with
AA, Twilio's are hexadecimal."""

_UNBOUND: Final = frozenset({_PRIVATE_KEY, _JWT, "npm.NpmDetector"})
"""Detectors whose finds may well stand within a longer word."""

_SAMPLES: Final = re.compile(
    r"(?i)example|sample|dummy|fake|xxxx|0000000|1111111|1234567|abcdefg|deadbeef|placeholder|your[-_]?|redacted|<|\{|\*\*\*|\.\.\."
)
_LEAST: Final = 16
"""Characters of the shortest token: what is shorter is a part of it."""

_LEAST_DIFFERENT: Final = 8
"""Characters of which a random token has more different ones."""

_SAMPLE_CLAIMS: Final = (b'"1234567890"', b'"John Doe"', b'"hello"', b'"example', b'"some"')
"""What the tokens of tutorials claim, the first two those of jwt.io."""


@dataclass(frozen=True, slots=True)
class Found:
    """A secret at a place in the bytes."""

    service: str
    secret: str
    place: int


def find_secrets(data: bytes) -> Iterator[Found]:
    """What looks like a secret in some bytes, once for each place."""
    seen: set[tuple[str, int]] = set()
    for service, name, sign in _SIGNS:
        until = 0
        for match in re.finditer(sign, data):
            if match.start() < until:
                continue  # the detector has seen it already
            begin, end = _surroundings(data, match.start(), match.end())
            if name == _PRIVATE_KEY and not _has_body(data, match.end()):
                continue
            until = end if end - match.end() < _BEHIND else end - _BEHIND // 2
            for one in _asked(service, name, data[begin:end].decode("latin-1"), begin):
                if (service, one.place) not in seen:
                    seen.add((service, one.place))
                    yield one


def fact(found: Found, file: str, line: int) -> SecretFact:
    """What is kept of a secret: never the whole."""
    secret = found.secret
    begin = secret if found.service == "private key" else secret[: min(6, len(secret) // 4)]
    digest = hashlib.sha256(secret.encode("latin-1", "replace")).hexdigest()[:16]
    return SecretFact(
        service=found.service, shown=begin, length=len(secret), digest=digest, file=file[:MAX_NAME], line=line
    )


def _has_body(data: bytes, begin: int) -> bool:
    """Whether a key follows its first line, and not just the text of a program that knows what such a line says."""
    body = _KEY_BODY.search(data, begin, begin + _KEY_REACH)
    return body is not None and len(set(body[0])) > _LEAST_DIFFERENT


def _surroundings(data: bytes, begin: int, end: int) -> tuple[int, int]:
    """Where the line, or as much of it as a detector needs, begins and ends."""
    start = max(data.rfind(b"\n", max(0, begin - _AROUND), begin) + 1, begin - _AROUND, 0)
    stop = data.find(b"\n", end, end + _BEHIND)
    return start, min(len(data), end + _BEHIND) if stop < 0 else stop


def _asked(service: str, name: str, text: str, begin: int) -> Iterator[Found]:
    for secret, place in _told(_detector(name), text):
        if name not in _UNBOUND and _is_part_of_a_word(text, place, place + len(secret)):
            continue
        if name == _PRIVATE_KEY or not _is_sample(name, secret):
            yield Found(service, secret, begin + place)


def _told(detector: RegexBasedDetector, text: str) -> Iterator[tuple[str, int]]:
    """What a detector finds, whole, and where. Some of them tell a token's first letters alone, which are a group of their expression."""
    found = set(detector.analyze_string(text))
    for regex in detector.denylist if found else ():
        for match in regex.finditer(text):
            if found.isdisjoint((match[0], *match.groups())):
                continue  # the detector had more to say of it
            group = max(range(len(match.groups()) + 1), key=lambda one: (_is_long(match, one), one))
            yield match[group], match.start(group)


def _is_long(match: re.Match[str], group: int) -> bool:
    return match[group] is not None and len(match[group]) >= _LEAST


def _is_part_of_a_word(text: str, begin: int, end: int) -> bool:
    around = text[max(0, begin - 1) : begin] + text[end : end + 1]
    return any(character.isascii() and character.isalnum() for character in around)


def _is_sample(name: str, secret: str) -> bool:
    """Whether it is one of those that documentation shows, or no secret for another reason that its form tells."""
    if name == _JWT:
        claims = _decoded(secret.split(".")[1])
        return any(sample in claims for sample in _SAMPLE_CLAIMS)
    if name == "discord.DiscordBotTokenDetector":
        return not _decoded(secret.partition(".")[0]).isdigit()  # a bot's number
    if _SAMPLES.search(secret) or len(set(secret)) < _LEAST_DIFFERENT:
        return True
    return any(heuristic(secret) for heuristic in _heuristics())


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


@cache
def _detector(name: str) -> RegexBasedDetector:
    module, _, detector = name.partition(".")
    found: RegexBasedDetector = getattr(import_module(f"detect_secrets.plugins.{module}"), detector)()
    return found


@cache
def _heuristics() -> tuple[Callable[[str], bool], ...]:
    from detect_secrets.filters import heuristic

    return (heuristic.is_sequential_string, heuristic.is_templated_secret, heuristic.is_not_alphanumeric_string)


class SecretBook:
    """The different secrets of all files, each where it stands first."""

    def __init__(self) -> None:
        self.facts: list[SecretFact] = []
        self.full = False
        self._seen: set[tuple[str, str, str]] = set()

    def add(self, found: Found, file: str, line: int) -> None:
        """Keeps a secret; private keys once for each file, since only their beginning is known."""
        key = (found.service, found.secret, file if found.service == "private key" else "")
        if key in self._seen:
            return
        if len(self.facts) >= MAX_SECRETS:
            self.full = True
            return
        self._seen.add(key)
        self.facts.append(fact(found, file, line))
