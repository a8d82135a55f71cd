"""Which addresses in files are remarkable, by the lists of the rules that say it of addresses that are contacted."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, Final

from analyzer.datafile import DataFile
from analyzer.model.content import UrlKind
from analyzer.rules.lists import Lists, ReferenceFile

_PARTS: Final = re.compile(
    r"(?P<scheme>[a-z]+)://(?:[^/?#@]*@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^/?#:\[\]]+)(?::(?P<port>\d{1,5}))?(?P<path>[/?#].*)?",
    re.DOTALL,
)
_NAME: Final = re.compile(r"(?:[\w-]{1,63}\.)+(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,59})\.?", re.IGNORECASE)
_DRAWING: Final = re.compile(r"\.svg(?:[?#]|\Z)", re.IGNORECASE)
_DESCRIPTION: Final = re.compile(r"METADATA|PKG-INFO|README(?:[._-].*)?", re.IGNORECASE)
_REPOSITORIES: Final = frozenset({"github.com", "gitlab.com", "colab.research.google.com"})
_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21, "ftps": 990}


class Classifier:
    """Tells what is remarkable about an address, by these reference lists."""

    def __init__(self, lists: Lists) -> None:
        self._suspicious = lists["suspicious-tlds"].matcher
        self._interesting = lists["interesting-extensions"].matcher

    def kinds(self, url: str, file: str = "") -> list[UrlKind]:
        """What is remarkable about an address that stands in a file.

        Nothing where the host is a placeholder, a name of documentation, or no host of the internet.
        """
        parts = _PARTS.fullmatch(url)
        if parts is None or not _leads_somewhere(parts["host"]):
            return []
        found: list[UrlKind] = []
        if self._suspicious(parts["host"]):
            found.append("suspicious-tld")
        if parts["port"] and int(parts["port"]) != _PORTS.get(parts["scheme"]):
            found.append("nonstandard-port")
        if parts["path"] and self._interesting(parts["path"]) and not _is_page(parts["host"], parts["path"], file):
            found.append("interesting-format")
        return found


def _is_page(host: str, path: str, file: str) -> bool:
    """Whether it is a page that shows a file of a repository, or a picture in the page that describes the project.

    Nearly every project has such addresses, and no file of that format comes from the first.
    """
    if host in _REPOSITORIES and "/blob/" in path:
        return "raw" not in path
    return _DRAWING.search(path) is not None and _DESCRIPTION.fullmatch(file.rpartition("/")[2]) is not None


def _leads_somewhere(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return _NAME.fullmatch(host) is not None and not _documentation()(host)


@cache
def _documentation() -> Callable[[Any], bool]:
    path = files("analyzer.content").joinpath("data", "placeholders.yaml")
    return DataFile(path, "reference file", shipped=True).read(ReferenceFile).lists[0].matcher
