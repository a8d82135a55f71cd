"""The parts of the page that tell of a rare component: verdict, issues, vulnerabilities, project, prevalence, content."""

from __future__ import annotations

import re

import pytest

from analyzer.render.html.page import MEASURES, render_html
from tests.unit.render.eventful import rich_report
from tests.unit.render.largest import LETTERS
from tests.unit.render.largest_findings import with_findings, with_judgement
from tests.unit.render.pages import Page, told
from tests.unit.render.sample import quiet_report
from tests.unit.render.vetted import vetted_report


def test_parts_come_in_the_order_in_which_a_reader_asks() -> None:
    document = render_html(vetted_report())
    parts = [
        'class="banner incomplete"', 'class="banner verdict reject"', 'id="section-issues"', 'id="section-top"',
        'id="section-vulnerabilities"', 'id="section-project"', 'id="filter"', 'id="section-behaviors"', 'id="section-content"',
        'id="section-network"', 'id="section-processes"', 'id="section-files"', 'id="section-facts"',
    ]  # fmt: skip
    assert [document.index(part) for part in parts] == sorted(document.index(part) for part in parts)


def test_a_verdict_is_told_with_reasons_and_with_what_was_suppressed() -> None:
    page = Page(vetted_report())
    text = re.sub(r"\s+", " ", page.text)
    for part in (
        "REJECT 4 reasons policy: pyproject.toml",
        "REJECT Reads SSH keys critical behavior steal.ssh-key.read; rule: reject steal.*: no package of ours has to know",
        "a key reads /home/user/.ssh/id_ed25519 at acme_telemetry/_collect.py:41",
        'REJECT GPL-3.0-only of acme-core 0.9 licence; rule: reject licence GPL-*: "we ship closed source"',
        "1 finding suppressed network.http.request the status page is ours behavior, until 2027-06-30",
        'Suppressions that have expired and count no more: acme-telemetry, file.rename: "looked at in spring"',
    ):
        assert part in text, part
    assert [
        attributes.get("class") for tag, attributes in page.elements if attributes.get("href") == "#steal.ssh-key.read"
    ][:3] == [None] * 3
    document = render_html(vetted_report())
    assert document.index('href="#steal.ssh-key.read"') < document.index('id="section-issues"')
    assert "REJECT, incomplete" in page.content["title"]


def test_an_approval_says_so_and_many_reasons_are_all_counted() -> None:
    verdict = vetted_report().verdict
    assert verdict is not None
    fine = verdict.model_copy(update={"decision": "APPROVE", "reasons": [], "suppressed": [], "expired": []})
    assert "APPROVE Nothing in the policy speaks against it." in told(quiet_report(verdict=fine))
    many = [verdict.reasons[0].model_copy(update={"title": f"reason {at}"}) for at in range(MEASURES[0].rows + 20)]
    text = told(quiet_report(verdict=verdict.model_copy(update={"reasons": many})))
    assert f"{MEASURES[0].rows + 8} more REJECT reason 12 " in text
    assert "and 8 more in the JSON report" in text


def test_what_was_read_is_told_apart_from_what_was_contacted() -> None:
    text = told(vetted_report())
    ports = text[text.index("url.nonstandard-port url causes risk") :]
    order = [
        "Prevalence: common",
        "In the files",
        "_send.py:80",
        "All 11",
        "_send.py:90",
        "Contacted",
        "GET http://collect0",
        "Next steps",
    ]
    places = [ports.index(part) for part in order]
    assert places == sorted(places)
    assert "at acme_telemetry/_send.py:88, import, python3.13 23" in ports
    assert "From the package index 3 releases, the first on 2025-08-30 Known of its use no package" in text


def test_prevalence_is_a_label_with_numbers_and_bars() -> None:
    page = Page(vetted_report())
    assert "Prevalence: rare Top 100 0 of 16 Top 1k 0 of 31 Top 10k 0 of 44 Community 1 of 52" in re.sub(
        r"\s+", " ", page.text
    )
    assert "Prevalence: no data, 4 packages analysed Top 100" not in re.sub(r"\s+", " ", page.text)
    bars = [attributes["class"] for _, attributes in page.elements if attributes.get("class", "").startswith("bar ")]
    assert {"bar b0", "bar b1", "bar b15"} <= set(bars)
    assert len(bars) == 4 * (10 + 4)
    assert "Prevalence is told from 52 packages, analysed from 2025-09-02 to 2025-10-01." in page.text
    assert "prevalence" not in Page(rich_report()).text.lower()


def test_anomalies_stand_with_the_behavior_and_above_all() -> None:
    text = told(vetted_report())
    assert "Unusual for packages of this kind: Reads SSH private keys, Installs a .pth file or sitecustomize" in text
    assert (
        "Seldom seen in packages of kind Topic :: System :: Monitoring: 0 of 14 Seldom seen in packages of kind has scripts: 1 of 23"
        in text
    )
    elsewhere = [one.model_copy(update={"behavior": "not.in.report"}) for one in vetted_report().anomalies]
    assert "Unusual" not in told(vetted_report(anomalies=elsewhere))


def test_vulnerabilities_are_told_known_none_or_not_known() -> None:
    text = told(vetted_report())
    assert "GHSA-xxxx-yyyy-zzzz CVE-2025-12345, PYSEC-2025-7 Tokens are written to the log" in text
    assert "https://osv.example/vulnerability/GHSA-xxxx-yyyy-zzzz 1.4.3, 1.5.0 OSV" in text
    assert "PYSEC-2025-9 No summary was published. no version index" in text
    project = vetted_report().project
    assert project is not None
    none = vetted_report(project=project.model_copy(update={"vulnerabilities": []}))
    assert "Top vulnerabilities No known vulnerability of this version." in told(none)
    unknown = vetted_report(
        project=project.model_copy(update={"vulnerabilities": None, "notes": ["no index was asked", "b"]})
    )
    assert "Top vulnerabilities Not known: no index was asked; b." in told(unknown)
    assert "no known vulnerability" not in told(unknown).lower()
    assert "Top vulnerabilities Not known: no index and no list of vulnerabilities was asked." in told(quiet_report())


def test_the_project_is_told_with_the_reasons_for_calling_it_rare() -> None:
    text = told(vetted_report())
    assert (
        "Rank not among the most downloaded list of 2025-10-01 Needed by 0 packages of the corpus Releases 3 "
        "First 2025-08-30 first upload of the project This one 2025-10-01 withdrawn (yanked) "
        "Rarely used not among the 15,000 most downloaded projects of 2025-10-01 3 releases in 32 days Not known the time"
    ) in text
    project = vetted_report().project
    assert project is not None
    known = project.model_copy(update={"rank": 1234, "rare": [], "notes": [], "yanked": False})
    assert "Rank 1,234 by downloads list of 2025-10-01" in told(vetted_report(project=known))
    assert "Rarely used" not in told(vetted_report(project=known))


def test_content_is_told_with_licences_tokens_and_addresses() -> None:
    text = told(vetted_report())
    for part in (
        "84 files read, 1.2 MB.", "acme_telemetry/data/model.bin: larger than 16 MiB", "AWS AKIA… (20 characters) acme_telemetry/config.py:12",
        "http://collect.acme.example:8081/v1 non-standard port acme_telemetry/_send.py:80 11",
        "https://acme.top.example/agent.exe suspicious top-level domain, interesting file format README.md:3 1",
        "acme-telemetry 1.4.2 MIT file in LICENSE", "acme-core 0.9 dependency GPL-3.0-only, copyleft classifier “License ::",
        "ACME terms of use, hosted offers excluded no SPDX expression is known for it, restricts distribution License",
    ):  # fmt: skip
        assert part in text, part
    content = vetted_report().content
    assert content is not None
    clean = content.model_copy(update={"secrets": [], "urls": [], "licenses": [], "unread": []})
    assert "No access token and no remarkable address was found. No licence was found." in told(
        vetted_report(content=clean)
    )
    unread = clean.model_copy(update={"unread": ["a.bin: too large"]})
    assert "No access token" not in told(vetted_report(content=unread))


def test_links_are_text_and_lead_nowhere() -> None:
    document = render_html(vetted_report())
    assert "https://osv.example/vulnerability" in document
    assert re.findall(r'href="[^#]|href=[^"]', document) == []


def test_a_report_of_an_earlier_version_has_no_empty_sections() -> None:
    document = render_html(rich_report())
    for name in ("section-project", "section-content", "banner verdict", "prevalence "):
        assert f'"{name}' not in document


def test_a_failed_phase_is_told_beside_completeness() -> None:
    assert (
        "The phase import failed: acme_telemetry.win: ModuleNotFoundError"
        in told(rich_report()).partition("Behaviors")[0]
    )


@pytest.mark.parametrize("letter", ["marked-up", "escaped"])
def test_a_page_of_endless_findings_is_bounded(letter: str) -> None:
    document = render_html(with_judgement(with_findings(quiet_report(), LETTERS[letter]), LETTERS[letter]))
    assert len(document) < 5 * 1024 * 1024
    assert re.search(r"and 4,[89]\d0 more in the JSON report", document)


def test_no_issue_is_said_with_what_it_proves() -> None:
    assert (
        "Top issues No issue was found. Top behaviors No behavior of the package was observed. Top vulnerabilities"
        in told(quiet_report())
    )
    assert "No issue was found. The run is incomplete, so this proves nothing." in told(rich_report())
    assert "No issue was found" not in told(vetted_report())
