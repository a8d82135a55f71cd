from __future__ import annotations

import io

from rich.console import Console

from analyzer.model.report import Content, LicenseFact
from analyzer.render.terminal.content import content_seen
from tests.unit.render.hostile import hostile_content
from tests.unit.render.vetted import made_content


def shown(content: Content | None) -> str:
    stream = io.StringIO()
    Console(file=stream, width=300, _environ={"NO_COLOR": "1"}).print(*content_seen(content))
    return stream.getvalue()


def license_of(name: str, text: str, *kinds: str, role: str = "dependency") -> LicenseFact:
    return LicenseFact.model_validate(
        {
            "distribution": name,
            "version": "1",
            "role": role,
            "source": "License",
            "text": text,
            "expression": text,
            "kinds": kinds,
        }
    )


def test_content_is_told_in_short() -> None:
    assert shown(made_content()).splitlines() == [
        "",
        "In the files  84 files read, 1.2 MB",
        "  licences  MIT; dependencies: GPL-3.0-only (copyleft) of acme-core, ACME terms of use, hosted offers excluded (restricts distribution) of acme-core",
        "  secrets   2 access tokens: AWS 1, Slack 1",
        "  addresses 2 remarkable: non-standard port 1, suspicious top-level domain 1, interesting file format 1",
        "  not read  acme_telemetry/data/model.bin: larger than 16 MiB",
    ]


def test_nothing_is_said_where_nothing_was_read() -> None:
    assert content_seen(None) == []


def test_what_is_remarkable_comes_before_what_is_not_and_many_are_counted() -> None:
    plain = [license_of(f"lib{at}", "MIT") for at in range(9)]
    content = Content(files=1, bytes=1, licenses=[*plain, license_of("core", "AGPL-3.0-only", "copyleft")])
    assert "licences  dependencies: AGPL-3.0-only (copyleft) of core, MIT of lib0, " in shown(content)
    assert "MIT of lib4, … and 4 more\n" in shown(content)


def test_the_same_licence_is_told_once() -> None:
    content = Content(files=1, bytes=1, licenses=[license_of("six", "MIT", role="target")] * 3)
    assert "  licences  MIT\n" in shown(content)


def test_hostile_content_stays_short_and_visible() -> None:
    text = shown(hostile_content())
    assert all(line.isprintable() for line in text.split("\n"))
    assert len(text) < 6000
