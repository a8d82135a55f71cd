"""Texts of events as they would be in another run of the same package, of another version of it, or in another sandbox.

What a run, a day, a machine or a version makes different becomes a placeholder in braces; what somebody chose stays: hosts, fixed ports,
paths, names. Unlike `normalising.py`, which tells the noise of an empty package, names of packages stay, since people read these texts.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from analyzer.trace.canonical.normalising import MAX_TEXT, Normaliser

EPHEMERAL: Final = range(32_768, 61_000)
"""Ports that Linux gives a socket that asked for none (ip_local_port_range)."""

_MAX_REMEMBERED: Final = 20_000
_MAX_REMEMBERED_LENGTH: Final = 512
_LONG: Final = 1024
_MAX_LONG_ONES: Final = 1000
_MAX_NAME: Final = 100
_BEFORE_RUN: Final = timedelta(days=2).total_seconds()
_AFTER_RUN: Final = timedelta(days=800).total_seconds()
"""How far a time may be from the run's and still be taken from its clock, which may run ahead (`--fast-clock`)."""

_NOT_WITHIN: Final = r"(?<![\w.-])"
_PLACE: Final = r"/(?:usr(?:/local)?|opt(?:/[\w.+-]{1,40}){1,3})"
"""Where an interpreter that is not the environment's own is installed."""

_OWN_HOST: Final = r"127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|localhost|192\.168\.1\.23"
_FREE_PORT: Final = r"3276[89]|327[7-9]\d|32[89]\d{2}|3[3-9]\d{3}|[45]\d{4}|60\d{3}"
"""`EPHEMERAL` in digits."""

_PATTERNS: Final = (
    # Files and folders of distributions, whose versions are those of the day.
    (r"(?<=[\w.])-\d[\w.!+]{0,60}+(?=-(?:\w[\w.]{0,60}+-){2,3}\w[\w.]{0,120}?\.whl(?![\w.]))", "-{version}"),
    (r"(?<=[\w.])-\d[\w.!+]{0,60}?(?=\.(?:dist-info|egg-info|data|tar\.gz|zip|egg)(?![\w.-]))", "-{version}"),
    (r"~/project/\.venv/lib(?:64)?/python3\.\d{1,2}/site-packages", "{site}"),
    (r"(~/project/\.venv/bin/python)3(?:\.\d{1,2})?(?![\w.-])", r"\1"),
    (_NOT_WITHIN + _PLACE + r"/bin/python3(?:\.\d{1,2})?(?![\w.-])", "{python}"),
    (_NOT_WITHIN + _PLACE + r"/lib(?:64)?/python3\.\d{1,2}(?![\w.])", "{stdlib}"),
    (r"(?i)(?<![a-z])(python-?)3\.\d{1,2}(?:\.\d{1,3})?(?!\w)", r"\g<1>3.{n}"),
    (r"(?<![A-Za-z])(c?python-|cp|py)3\d{1,2}(?!\d)", r"\g<1>3{n}"),
    (r"(?i)(?<![a-z])((?:c?python|pypy)[a-z-]{0,20}/)\d{1,4}(?:\.\d{1,4}){1,3}(?!\w)", r"\1{n}"),
    # The folders that stand ready for calls with made-up arguments, which take one after the other (probes/hood/scratch.py).
    (r"(~/project/data/)(?:january|february|march|april)(?![\w.-])", r"\1{folder}"),
    # Libraries that came with a wheel (auditwheel, delocate), and universally unique names (RFC 9562).
    (r"-[0-9a-f]{8}(?=(?:\.\d{1,4}){0,4}\.(?:so|dylib)(?![\w-]))", "-{hash}"),
    (r"(?i)(?<![0-9a-f])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f])", "{uuid}"),
    # multiprocessing: shared memory, semaphores, listeners and folders.
    (r"(?<=[/.])(psm_|mp-|pymp-|listener-)[a-z0-9_]{8}(?!\w)", r"\1{random}"),
    (r"(?<![\d.])0\.\d{10,20}(?![\d.])", "{random}"),
    # One's own servers, which take a port that is free.
    (rf"(?<![\w.])({_OWN_HOST})(\]?(?::|'?,? ))(?:{_FREE_PORT})(?!\d)", r"\1\2{port}"),
)
_RULES: Final = tuple((re.compile(pattern), replacement) for pattern, replacement in _PATTERNS)

_DATE_TIME: Final = re.compile(
    r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?:(?:T|%20| |\+|_)[\d:.%A-F-]{4,24}(?:Z|[+-]\d\d:?\d\d)?)?(?![\d-])"
)
_EPOCH: Final = re.compile(r"(?<![\w.])(\d{10})(?:\.\d{1,9}|\d{3}|\d{6}|\d{9})?(?![\w.]|\.\d)")


class Lasting:
    """Makes lasting texts of one run, whose user's home is `home` and whose package has this name and version."""

    def __init__(self, home: str, name: str = "", version: str = "") -> None:
        self._home = re.compile(rf"{_NOT_WITHIN}{re.escape(home)}(?![\w.-])") if home.strip("/") else None
        self._version = _of_version(name, version)
        self._noise = Normaliser((), "")
        self._known: dict[tuple[str, int], str] = {}
        self._long_ones = 0

    def __call__(self, text: str, time: float) -> str:
        """The text with placeholders, encodable as UTF-8; `time` is when the act was, in seconds since the epoch.

        Of a text that is longer than `MAX_TEXT` the rest is told by a digest, since patterns on much of it would take long.
        """
        key = (text, int(time // 3600))
        known = self._known.get(key)
        if known is not None:
            return known
        found = self._lasting(bounded(text, self._most(len(text))), time)
        if len(text) <= _MAX_REMEMBERED_LENGTH:
            if len(self._known) >= _MAX_REMEMBERED:
                self._known.clear()
            self._known[key] = found
        return found

    def _most(self, length: int) -> int:
        """How much of a text is looked at: of many long ones less, which no package needs that hides nothing."""
        if length > _LONG:
            self._long_ones += 1
        return MAX_TEXT if self._long_ones <= _MAX_LONG_ONES else _LONG

    def _lasting(self, text: str, time: float) -> str:
        if self._home is not None:
            text = self._home.sub("~", text)
        for pattern, replacement in _RULES:
            text = pattern.sub(replacement, text)
        if self._version is not None:
            text = self._version.sub("{version}", text)
        text = self._noise(text)
        return _without_times(text, time)


def bounded(text: str, most: int) -> str:
    """A text of at most so many characters, and a digest of the rest where there is one."""
    if len(text) <= most:
        return text
    rest = sha256(text[most:].encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{text[:most]}… ({rest})"


def _of_version(name: str, version: str) -> re.Pattern[str] | None:
    """The package's own version: anywhere where it has a dot, else behind the package's name alone."""
    if not 0 < len(version) <= _MAX_NAME:
        return None
    number = re.escape(version) + r"(?![\w]|\.\d)"
    alone = rf"(?<![\w.])v?{number}"
    if "." in version:
        return re.compile(alone)
    if not 0 < len(name) <= _MAX_NAME:
        return None
    joined = "[-_.]".join(map(re.escape, re.split(r"[-_.]+", name)))
    return re.compile(rf"(?i)(?<=(?<!\w){joined}[-=/@ ]){number}") if "[" not in joined else None


def _without_times(text: str, time: float) -> str:
    """The text without what a clock said near a time."""

    def of_date(match: re.Match[str]) -> str:
        try:
            day = datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC)
        except ValueError:
            return match[0]
        return "{time}" if _is_near(day.timestamp(), time) else match[0]

    def of_epoch(match: re.Match[str]) -> str:
        return "{time}" if _is_near(float(match[1]), time) else match[0]

    return _EPOCH.sub(of_epoch, _DATE_TIME.sub(of_date, text))


def _is_near(found: float, time: float) -> bool:
    return -_BEFORE_RUN <= found - time <= _AFTER_RUN
