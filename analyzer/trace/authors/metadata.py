"""What a distribution says of itself, as an event's detail: its licence, its addresses, and its source repository."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from analyzer.model.event import PackageMetadata
from analyzer.trace.authors.installed import InstalledDistribution

_LABELS = frozenset(
    {
        "source", "sourcecode", "sources", "repository", "repo", "code", "github", "gitlab", "bitbucket", "codeberg",
        "sourcehut", "gitea", "git", "vcs", "scm", "githubrepository", "githubrepo", "gitrepository", "sourcerepository",
    }
)  # fmt: skip
"""Labels of a source repository, without case and punctuation (as PEP 753 compares them; its own are the first five)."""

_HOSTS = frozenset(
    {
        "github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "git.sr.ht", "hg.sr.ht", "sr.ht", "gitee.com", "gitea.com",
        "launchpad.net", "git.launchpad.net", "code.launchpad.net", "sourceforge.net", "salsa.debian.org",
        "gitlab.gnome.org", "gitlab.freedesktop.org", "invent.kde.org", "opendev.org", "pagure.io", "git.savannah.gnu.org",
        "savannah.gnu.org", "notabug.org", "dev.azure.com", "framagit.org", "heptapod.net", "foss.heptapod.net",
        "chromium.googlesource.com", "android.googlesource.com",
    }
)  # fmt: skip
"""Hosts of source repositories that anyone can have, or that a large project runs for its own."""

_NOT_LABEL = re.compile(r"[\W_]+")


def metadata(distribution: InstalledDistribution) -> PackageMetadata:
    """The detail for one distribution."""
    return PackageMetadata(
        name=distribution.name,
        version=distribution.version,
        license=distribution.license,
        repository=repository(distribution.urls),
        urls=distribution.urls,
    )


def repository(urls: tuple[str, ...]) -> str:
    """The address of the source repository among "label, address" lines: one labelled as such, or on a known code host."""
    pairs = [_split(url) for url in urls]
    labelled = (address for label, address in pairs if label in _LABELS and _host(address))
    hosted = (address for _, address in pairs if _host(address) in _HOSTS and urlsplit(address).path.strip("/"))
    return next(labelled, "") or next(hosted, "")


def _split(url: str) -> tuple[str, str]:
    label, _, address = url.partition(",")
    return _NOT_LABEL.sub("", label).lower(), address.strip()


def _host(address: str) -> str:
    """The host of a web or repository address without `www.`; empty for what is none."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.") if parts.scheme in {"http", "https", "git", "ssh", "git+https", "git+ssh"} else ""
