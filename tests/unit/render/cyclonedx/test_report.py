"""The report as a CycloneDX bill of materials."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from packageurl import PackageURL

from analyzer.model.report import Content, LicenseFact, Package, Project, Report, Vulnerability
from analyzer.render.cyclonedx.report import render_cyclonedx
from analyzer.render.naming import canonical_name, purl, release_of, timestamp
from tests.unit.render.cyclonedx_checks import checked
from tests.unit.render.eventful import rich_report
from tests.unit.render.hostile import hostile_report
from tests.unit.render.sample import package_file, quiet_report
from tests.unit.render.strategies import reports
from tests.unit.render.vetted import vetted_report

APP = Package(
    name="app",
    version="1.0+local",
    files=[
        package_file("app-1.0+local.tar.gz", 1),
        package_file("Zope.Interface-7.0-py3-none-any.whl", 2, "dependency"),
        package_file("idna-3.0.tar.gz", 3, "dependency"),
        package_file("idna-3.0-py3-none-any.whl", 4, "dependency"),
        package_file("setuptools-80.9.0-py3-none-any.whl", 5, "build"),
        package_file("strange", 6, "dependency"),
    ],
)


def licence(distribution: str, source: str, text: str, expression: str = "") -> LicenseFact:
    fields = {"distribution": distribution, "version": "1", "role": "target", "source": source, "text": text}
    return LicenseFact.model_validate(fields | {"expression": expression, "kinds": []})


def content(*licenses: LicenseFact, requires: tuple[str, ...] = ()) -> Content:
    return Content(files=1, bytes=1, licenses=list(licenses), requires=list(requires))


def test_the_package_and_what_was_installed_for_it() -> None:
    document = checked(render_cyclonedx(quiet_report(package=APP, content=content(requires=("zope-interface",)))))
    about = document["metadata"]["component"]
    assert (about["name"], about["version"], about["purl"]) == ("app", "1.0+local", "pkg:pypi/app@1.0%2Blocal")
    assert about["hashes"] == [{"alg": "SHA-256", "content": APP.files[0].sha256}]
    refs = [one["bom-ref"] for one in document["components"]]
    second = f"pkg:pypi/idna@3.0#{APP.files[3].sha256[:12]}"
    assert refs == [
        "pkg:pypi/zope-interface@7.0", "pkg:pypi/idna@3.0", second, "pkg:pypi/setuptools@80.9.0", "pkg:pypi/strange",
    ]  # fmt: skip
    assert [one["scope"] for one in document["components"]] == [
        "required", "required", "required", "excluded", "required",
    ]  # fmt: skip
    assert document["dependencies"] == [{"ref": about["bom-ref"], "dependsOn": ["pkg:pypi/zope-interface@7.0"]}]


def test_what_needs_what_is_not_told_where_it_is_not_known() -> None:
    assert checked(render_cyclonedx(quiet_report(package=APP)))["dependencies"] == []


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ([licence("six", "License", "MIT", "MIT")], [{"expression": "MIT", "acknowledgement": "declared"}]),
        (
            [licence("six", "License", "x", "GPL-3.0-only"), licence("Six", "License-Expression", "x", "MIT OR BSD-3-Clause")],
            [{"expression": "MIT OR BSD-3-Clause", "acknowledgement": "declared"}],
        ),
        (
            [licence("six", "classifier", "a", "MIT"), licence("six", "classifier", "b", "BSD-3-Clause")],
            [{"license": {"name": name, "acknowledgement": "declared"}} for name in ("MIT", "BSD-3-Clause")],
        ),
        ([licence("six", "License", "as you\nlike")], [{"license": {"name": r"as you\nlike", "acknowledgement": "declared"}}]),
        ([licence("six", "License", "MIT", "<b>")], [{"license": {"name": "MIT", "acknowledgement": "declared"}}]),
        ([licence("idna", "License", "MIT", "MIT")], None),
        ([], None),
    ],
)  # fmt: skip
def test_licences(facts: list[LicenseFact], told: object) -> None:
    document = checked(render_cyclonedx(quiet_report(content=content(*facts))))
    assert document["metadata"]["component"].get("licenses") == told


def test_published_vulnerabilities_stand_as_such() -> None:
    known = [
        Vulnerability(id="PYSEC-1", aliases=["CVE-2020-1", "GHSA-x"], summary="Bad.", fixed_in=["2"], link="https://osv.example/1", source="osv"),
        Vulnerability(id="X", link="javascript:alert(1)", source="index"),
    ]  # fmt: skip
    document = checked(render_cyclonedx(quiet_report(project=Project(vulnerabilities=known))))
    first, second = document["vulnerabilities"]
    assert first == {
        "bom-ref": "vulnerability:PYSEC-1",
        "id": "PYSEC-1",
        "source": {"name": "OSV"},
        "affects": [{"ref": "pkg:pypi/six@1.17.0", "versions": [{"version": "1.17.0", "status": "affected"}]}],
        "references": [
            {"id": "CVE-2020-1", "source": {"name": "NVD"}},
            {"id": "GHSA-x", "source": {"name": "GitHub Advisories"}},
        ],
        "description": "Bad.",
        "recommendation": "Take a version without it: 2.",
        "advisories": [{"url": "https://osv.example/1"}],
    }
    assert "advisories" not in second


def test_what_was_found_is_told_to_people_and_programs() -> None:
    report = vetted_report()
    document = checked(render_cyclonedx(report))
    told = {one["name"]: one["value"] for one in document["metadata"]["component"]["properties"]}
    assert told["fumehood:completeness"] == "incomplete"
    assert told["fumehood:verdict"] == "REJECT"
    assert told["fumehood:issue:secret.service-token"] == "high"
    assert told["fumehood:behavior:steal.ssh-key.read"].startswith("critical; 4 times; install, import; ")
    assert {name for name in told if name.startswith("fumehood:behavior:")} == {
        f"fumehood:behavior:{one.id}" for one in report.behaviors
    }
    texts = [one["text"] for one in document["annotations"]]
    assert texts[0].startswith("Verdict REJECT by the policy ")
    assert texts[1].startswith("The analysis is incomplete: ")
    assert len(texts) == 2 + len(report.issues)


def test_the_serial_number_is_that_of_the_content() -> None:
    def serial(report: Report) -> str:
        return str(checked(render_cyclonedx(report))["serialNumber"])

    assert serial(quiet_report()) == serial(quiet_report())
    assert serial(quiet_report()) != serial(quiet_report(created="2025-10-09T08:53:26Z"))
    assert serial(quiet_report()) != serial(rich_report())


def test_a_time_that_is_none() -> None:
    assert checked(render_cyclonedx(quiet_report(created="soon")))["metadata"]["timestamp"] == "1970-01-01T00:00:00Z"


def test_hostile_text_stays_text() -> None:
    checked(render_cyclonedx(hostile_report()))


@settings(deadline=None, max_examples=10)
@given(reports())
def test_any_report_becomes_a_valid_document(report: Report) -> None:
    checked(render_cyclonedx(report))


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("Zope.Interface", "7.0", "pkg:pypi/zope-interface@7.0"),
        ("six", "", "pkg:pypi/six"),
        ("six", "1!2+a", "pkg:pypi/six@1%212%2Ba"),
        ("-", "1", ""),
        ("a b", "1", ""),
        ("../x", "1", ""),
        ("six", "1" * 300, ""),
        ("six", "1:2", ""),
    ],
)
def test_package_urls(name: str, version: str, expected: str) -> None:
    found = purl(name, version)
    assert found == expected
    assert not found or PackageURL.from_string(found).to_string() == found


def test_names_and_times() -> None:
    assert canonical_name("A__b.C") == "a-b-c"
    assert release_of("a_b-1.0-py3-none-any.whl") == ("a-b", "1.0")
    assert release_of("a.b-1.0.tar.gz") == ("a-b", "1.0")
    assert release_of("x.exe") == ("x.exe", "")
    assert timestamp("2025-10-09T10:53:25+02:00") == "2025-10-09T08:53:25Z"
    assert timestamp("9999-12-31T23:59:59-23:59") == ""
    assert timestamp("x") == ""
