"""Requirements files, as pip reads them (its user guide, "Requirements File Format").

Nothing is fetched: URLs and editable entries are refused, options of the index and of builds are passed over, and both are told.
Variables of the environment are not put in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.requirements import InvalidRequirement, Requirement

from analyzer.acquire.lists.entry import MAX_DIGESTS, Listing, Refused, Spot, Wanted, digest_of
from analyzer.acquire.lists.files import decoded, read_list
from analyzer.acquire.text import shown
from analyzer.archives.archive import ARCHIVE_SUFFIXES
from analyzer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_DEPTH: Final = 10
_MAX_FILES: Final = 100
_MAX_LINE: Final = 1024 * 1024
"""Characters of one line with all that is continued: room for `MAX_DIGESTS` digests."""
_MAX_REQUIREMENT: Final = 4096

_URL: Final = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*:/*[^\\]|\s*git@")
_COMMENT: Final = re.compile(r"(?:^|\s)#.*$")
_OPTION: Final = re.compile(r"\s(-{1,2}[A-Za-z])")
_WORDS: Final = re.compile(r"[\s=]+")
_FILES: Final = {"-r": "-r", "--requirement": "-r", "-c": "-c", "--constraint": "-c"}
_EDITABLE: Final = ("-e", "--editable")
_HASH: Final = "--hash"


@dataclass(slots=True)
class _State:
    """What is carried from file to file."""

    listing: Listing = field(default_factory=Listing)
    files: int = 0
    open: list[Path] = field(default_factory=list)


def read_requirements(path: Path) -> Listing:
    """A requirements file with those that it names. Raises UsageError where it cannot be read itself."""
    state = _State()
    _read(path, state, constraint=False)
    return state.listing


def parse_requirements(text: str, name: str = "requirements.txt") -> Listing:
    """The same from a text that names no other file that exists."""
    state = _State()
    _lines(text, Path(name), state, constraint=False)
    return state.listing


def _read(path: Path, state: _State, *, constraint: bool) -> None:
    content = read_list(path, named=not state.open)
    state.files += 1
    state.open.append(path.absolute())
    _lines(decoded(content), path, state, constraint=constraint)
    state.open.pop()


def _lines(text: str, path: Path, state: _State, *, constraint: bool) -> None:
    for number, line in _joined(text):
        spot = Spot(f"{shown(path.name)}, line {number}", str(path), number)
        if state.listing.is_full:
            _refuse(spot, "the list is too long: what stands from here on is not analysed", state.listing)
            return
        if len(line) > _MAX_LINE:
            _refuse(spot, f"the line is longer than {_MAX_LINE} characters", state.listing)
        elif line.startswith("-"):
            _option(line, path, spot, state)
        elif constraint:
            _constraint(line, spot, state.listing)
        else:
            _requirement(line, spot, state.listing)


def _refuse(spot: Spot, why: str, listing: Listing) -> None:
    listing.refused.append(Refused(spot.text, why, spot))


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Lines with what is continued after a backslash and without comments, each with the number of its first one."""
    pieces: list[str] = []
    first = 1
    for number, line in enumerate(text.splitlines(), 1):
        if not pieces:
            first = number
        comment = line.lstrip().startswith("#")
        continued = line.endswith("\\") and not comment
        # A comment ends what was continued, and must not become a part of its last word.
        pieces.append(f" {line}" if comment and pieces else line[:-1] if continued else line)
        if not continued:
            if joined := _COMMENT.sub("", "".join(pieces)).strip():
                yield first, joined
            pieces = []
    if pieces and (joined := _COMMENT.sub("", "".join(pieces)).strip()):
        yield first, joined


def _option(line: str, path: Path, spot: Spot, state: _State) -> None:
    """A line that is an option. Its value may hold a password, so that it is not told."""
    word, *rest = _WORDS.split(line, maxsplit=1)
    value = rest[0] if rest else ""
    if word[:2] in {"-r", "-c", "-e"} and not word.startswith("--") and len(word) > 2:
        word, value = word[:2], f"{word[2:]}{line[len(word) :]}"
    if word in _FILES:
        _nested(value, _FILES[word], path, spot, state)
    elif word in _EDITABLE:
        why = f"{shown(value)} is to be installed as editable, which is not analysed: name the folder itself"
        _refuse(spot, why, state.listing)
    else:
        state.listing.notes.append(f"{spot.text}: {shown(word)} is passed over")


def _nested(value: str, kind: str, path: Path, spot: Spot, state: _State) -> None:
    """Another file, relative to the one that names it."""
    other = path.parent / value.strip()
    if _URL.match(value):
        why = f"{kind} names a URL, which is never fetched: download the file and name it"
    elif len(state.open) >= _MAX_DEPTH or state.files >= _MAX_FILES or other.absolute() in state.open:
        why = f"{kind} {shown(value)} is one file too many: it names itself, or there are more than {_MAX_FILES}"
    else:
        try:
            return _read(other, state, constraint=kind == "-c")
        except UsageError as error:
            why = str(error)
    _refuse(spot, why, state.listing)
    return None


def _constraint(line: str, spot: Spot, listing: Listing) -> None:
    text, options = _split(line)
    del options
    try:
        found = Requirement(text[:_MAX_REQUIREMENT])
    except (InvalidRequirement, RecursionError):
        _refuse(spot, f"{shown(text)} is no constraint: write one such as six<2", listing)
        return
    if found.url is not None or found.extras:
        _refuse(spot, f"{shown(text)} names a URL or extras, which no constraint may", listing)
    else:
        listing.constraints.append(str(found))


def _requirement(line: str, spot: Spot, listing: Listing) -> None:
    text, options = _split(line)
    digests = {found for one in options if (found := digest_of(one))}
    if len(digests) < len(options) and not digests:
        _refuse(spot, f"{shown(text)}: none of its digests is one of sha256, sha384 or sha512", listing)
    elif len(digests) > MAX_DIGESTS:
        _refuse(spot, f"{shown(text)} has more than {MAX_DIGESTS} digests", listing)
    elif _is_path(text):
        listing.wanted.append(Wanted(text, spot.text, digests=frozenset(digests), spot=spot))
    else:
        _named(text, spot, frozenset(digests), listing)


def _named(text: str, spot: Spot, digests: frozenset[str], listing: Listing) -> None:
    if _URL.match(text):
        _refuse(spot, f"{shown(_bare(text))} is a URL, which is never fetched: it is not analysed", listing)
        return
    try:
        found = Requirement(text if len(text) <= _MAX_REQUIREMENT else "")  # which is none
    except (InvalidRequirement, RecursionError):
        _refuse(spot, f"{shown(text)} is no requirement: write one such as six==1.17.0", listing)
        return
    if found.url is not None:
        why = f"{shown(found.name)} comes from a URL, which is never fetched: it is not analysed"
        _refuse(spot, why, listing)
        return
    marker = str(found.marker) if found.marker is not None else ""
    found.marker = None
    listing.wanted.append(Wanted(str(found), spot.text, marker, digests, spot=spot))
    listing.constraints.append(f"{found.name}{found.specifier}{f' ; {marker}' if marker else ''}")


def _split(line: str) -> tuple[str, list[str]]:
    """The requirement, and the digests among the options behind it."""
    match = _OPTION.search(line)
    if match is None:
        return line, []
    words = _WORDS.split(line[match.start() :].strip())
    return line[: match.start()].strip(), [value for name, value in pairwise(words) if name == _HASH]


def _is_path(text: str) -> bool:
    """As pip tells one: by a separator or an archive's ending; a URL has separators too."""
    if _URL.match(text) or "@" in text.split("/", 1)[0] or ";" in text:
        return False
    return text.startswith((".", "/")) or "/" in text or text.endswith(ARCHIVE_SUFFIXES)


def _bare(url: str) -> str:
    """A URL without what may be a password, and without its query."""
    scheme, separator, rest = url.partition("://")
    host = rest.split("/", 1)[0].rpartition("@")[2]
    return f"{scheme}{separator}{host}/…" if separator else url
