"""From the facts of a record's `content.json` to the report's content, and what an old or a broken record gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analyzer.content.process import FileReader
from analyzer.errors import RecordError
from analyzer.model.content import Content
from analyzer.model.filefacts import FileFacts, LicenseText, SecretFact, UrlFact
from analyzer.model.package import Acquisition
from analyzer.pipeline.content import content_of, judged, keep_content
from analyzer.rules.loader import builtin
from analyzer.store.record import Record
from tests.unit.pipeline.recording import Recording


def text(
    source: Any, text: str, *recognised: str, file: str = "", distribution: str = "demo", role: Any = "target"
) -> LicenseText:
    return LicenseText(
        distribution=distribution, version="1.0", role=role, source=source, text=text, recognised=recognised, file=file
    )


def content(**facts: Any) -> Content:
    return judged(FileFacts(**facts), builtin().lists)


def kinds(*licenses: LicenseText) -> list[tuple[str, list[str]]]:
    return [(one.expression, [*one.kinds]) for one in content(licenses=licenses).licenses]


def test_only_remarkable_addresses_are_told() -> None:
    facts = [
        UrlFact(url=url, file="a.py", line=7, count=2) for url in ("http://evil.top/x.exe", "https://www.python.org/")
    ]
    (found,) = content(urls=facts).urls
    assert (found.url, found.kinds, found.file, found.line, found.count) == (
        "http://evil.top/x.exe",
        ["suspicious-tld", "interesting-format"],
        "a.py",
        7,
        2,
    )


def test_a_secret_is_shown_by_its_beginning() -> None:
    secret = SecretFact(service="AWS", shown="AKIAQ3", length=20, digest="0123456789abcdef", file="a.py", line=1)
    (found,) = content(secrets=[secret]).secrets
    assert found.shown == "AKIAQ3… (20 characters, SHA-256 0123456789abcdef…)"


def test_licences() -> None:
    assert kinds(
        text("License", "LGPL with exceptions"),
        text("classifier", "License :: Other/Proprietary License"),
        text("classifier", "License :: OSI Approved"),
        text("file", "GNU GENERAL PUBLIC LICENSE", "GPL-3.0-only", "MIT", file="COPYING"),
        text("License-Expression", "MIT", distribution="other", role="dependency"),
        text("License", "as I said " * 60, "BSD-3-Clause"),
        text("License", "who knows"),
    ) == [
        ("LGPL-3.0-or-later", ["copyleft"]),
        ("LicenseRef-Proprietary", ["restricted"]),
        ("", []),
        ("GPL-3.0-only AND MIT", ["copyleft"]),
        ("MIT", []),
        ("BSD-3-Clause", []),
        ("", []),
    ]


def test_who_may_choose_a_permissive_licence_need_not_look_at_the_others() -> None:
    assert kinds(
        text("License-Expression", "GPL-2.0-or-later OR MIT"),
        text("classifier", "License :: OSI Approved :: GNU General Public License v2 or later (GPLv2+)"),
        text("file", "", "GPL-2.0-only", file="LICENSE.GPL"),
        text("file", "", "MPL-2.0", file="vendored/LICENSE"),
    ) == [
        ("GPL-2.0-or-later OR MIT", []),
        ("GPL-2.0-or-later", []),
        ("GPL-2.0-only", []),
        ("MPL-2.0", ["copyleft"]),
    ]


def test_kinds_of_a_package() -> None:
    found = content(
        classifiers=[
            "Topic :: Internet :: WWW/HTTP :: Browsers",
            "Framework :: Django",
            "Programming Language :: Python",
        ],
        scripts=True,
        compiled=True,
    )
    assert found.kinds == [
        "Framework :: Django", "Topic :: Internet", "Topic :: Internet :: WWW/HTTP", "compiled modules", "scripts",
    ]  # fmt: skip


def test_a_record_of_an_earlier_version_has_none(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    report = recording.report()
    assert report.content is None
    assert report.completeness.status == "complete"


def test_files_that_could_not_be_read_make_a_report_incomplete(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    recording.write(
        "content.json", FileFacts(failed=("broken.whl: no zip",), skipped=("a.zip is packed",)).document().decode()
    )
    report = recording.report()
    assert report.completeness.status == "incomplete"
    assert report.completeness.reasons == ["the files could not be read: broken.whl: no zip"]
    assert report.content is not None
    assert report.content.unread == ["broken.whl: no zip", "a.zip is packed"]


@pytest.mark.parametrize("document", ["{", "[]", '{"format": 2}', '{"bytes": 1}', '{"urls": [{"url": "x"}]}'])
def test_facts_that_are_none_are_refused(tmp_path: Path, document: str) -> None:
    (tmp_path / "content.json").write_text(document)
    with pytest.raises(RecordError, match="content.json"):
        content_of(Record(tmp_path), builtin().lists)


def test_what_is_kept_is_what_is_read_again(tmp_path: Path) -> None:
    nobody = Acquisition("demo", "1.0", "wheel", (), ())
    waited: list[bool] = []
    with FileReader(nobody) as reader:
        assert keep_content(Record(tmp_path), reader, lambda: waited.append(True)) == ""
    assert waited == [True]
    facts = Record(tmp_path).content()
    assert facts == FileFacts()


def test_a_record_that_cannot_take_it_says_so(tmp_path: Path) -> None:
    with FileReader(Acquisition("demo", "1.0", "wheel", (), ())) as reader:
        assert "could not be written" in keep_content(Record(tmp_path / "gone"), reader, lambda: None)


def test_hostile_text_survives_the_record(tmp_path: Path) -> None:
    facts = FileFacts(urls=(UrlFact(url="http://\ud800\x1b[31mé.top/", file="a\n\udcff", line=1),))
    (tmp_path / "content.json").write_bytes(facts.document())
    again = Record(tmp_path).content()
    assert again == facts
