from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.event import PackageMetadata
from analyzer.trace.authors.installed import Installed, InstalledDistribution
from analyzer.trace.authors.metadata import metadata, repository
from analyzer.trace.timeline import Timeline, add_metadata

URLS = ("Home-page, https://a.example/", "Source Code, https://git.a.example/thing")


def distribution(**fields: object) -> InstalledDistribution:
    shape = {"name": "thing", "version": "1", "requested": True, "files": (), "modules": (), "scripts": ()}
    return InstalledDistribution.model_validate(shape | fields)


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        ((), ""),
        (URLS, "https://git.a.example/thing"),
        (("repository, https://a.example/r",), "https://a.example/r"),
        (("GitHub: Repo, https://a.example/r",), "https://a.example/r"),
        (("Git-Hub, git+https://a.example/r",), "git+https://a.example/r"),
        (("Home-page, https://github.com/a/b",), "https://github.com/a/b"),
        (("Home-page, https://www.gitlab.com/a/b",), "https://www.gitlab.com/a/b"),
        (("Tracker, https://github.com/a/b/issues", "Source, https://a.example/r"), "https://a.example/r"),
        (("Home-page, https://github.com/",), ""),
        (("Home-page, https://github.com.a.example/a/b",), ""),
        (("Home-page, https://a.example/github.com/a",), ""),
        (("Source, javascript:alert(1)",), ""),
        (("Source, see the readme",), ""),
        (("Source, https://[bad",), ""),
        (("Documentation, https://a.example/docs",), ""),
        (("https://github.com/a/b",), ""),
    ],
)
def test_repositories(urls: tuple[str, ...], expected: str) -> None:
    assert repository(urls) == expected


def test_the_detail() -> None:
    assert metadata(distribution(license="MIT", urls=URLS)) == PackageMetadata(
        "thing", "1", "MIT", "https://git.a.example/thing", URLS
    )


def test_the_target_alone_is_told() -> None:
    timeline = Timeline()
    add_metadata(timeline, 5.0, Installed((distribution(name="other", requested=False), distribution())))
    (event,) = timeline.events
    assert (event.kind, event.phase, event.layer, event.attribution, event.time) == (
        "package.metadata", "install", "filesystem", "package", 5.0,
    )  # fmt: skip
    add_metadata(timeline, 5.0, Installed(()))
    assert len(timeline.events) == 1


@given(st.lists(st.text()))
def test_any_text(urls: list[str]) -> None:
    assert isinstance(repository(tuple(urls)), str)
