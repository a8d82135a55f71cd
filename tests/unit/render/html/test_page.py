from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter

import pytest

from analyzer.model.report import Completeness, Files
from analyzer.render.html.page import MEASURES, render_html
from tests.unit.render.eventful import rich_report
from tests.unit.render.hostile import hostile_report
from tests.unit.render.pages import Page
from tests.unit.render.sample import change, package_file, process, quiet_report
from tests.unit.render.vetted import vetted_report


@pytest.fixture(scope="module", params=[quiet_report, rich_report, vetted_report, hostile_report])
def page(request: pytest.FixtureRequest) -> Page:
    return Page(request.param())


def digest(content: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() + "'"


def test_the_policy_names_the_hashes_of_the_style_and_the_script(page: Page) -> None:
    policy = next(each["content"] for _, each in page.elements if each.get("http-equiv") == "Content-Security-Policy")
    assert policy == (
        f"default-src 'none'; style-src {digest(page.content['style'])}; script-src {digest(page.content['script'])}; "
        "img-src 'none'; base-uri 'none'; form-action 'none'"
    )


def test_only_elements_and_attributes_of_ours_are_there(page: Page) -> None:
    tags = Counter(tag for tag, _ in page.elements)
    assert (tags["script"], tags["style"], tags["html"]) == (1, 1, 1)
    assert not set(tags) & {
        "img",
        "image",
        "foreignobject",
        "animate",
        "set",
        "link",
        "iframe",
        "object",
        "base",
        "form",
        "a:href",
    }
    names = {name for _, attributes in page.elements for name in attributes}
    assert names <= {
        "lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "aria-label", "aria-labelledby",
        "role", "scope", "aria-hidden", "data-label", "data-categories", "data-severity", "data-phases", "data-pids", "data-distributions",
        "data-list", "data-none", "data-tally", "open", "hidden", "type", "autocomplete", "spellcheck", "value",
        "x", "y", "dx", "width", "height", "rx", "r", "d",
    }  # fmt: skip
    assert all(value.startswith("#") for value in page.values("href"))
    assert page.open == []


def test_ids_are_unique_and_links_lead_to_them(page: Page) -> None:
    identifiers = page.values("id")
    assert len(identifiers) == len(set(identifiers))
    assert {value.removeprefix("#") for value in page.values("href")} <= set(identifiers)


def test_texts_are_shown_as_text_and_nothing_invisible_is_among_them(page: Page) -> None:
    assert all(line.isprintable() for line in page.text.split("\n"))


def test_hostile_texts_are_all_readable() -> None:
    text = Page(hostile_report()).text
    for payload in (
        "<script>window.__owned=1;alert(1)</script>",
        '"><img src=x onerror="window.__owned=1">',
        "{{ 7*7 }}",
    ):
        assert payload in text
    assert r"\u202egnp.exe" in text
    assert "(99,500 more characters)" in text


def test_a_behavior_has_an_anchor_and_its_vocabularies() -> None:
    page = Page(rich_report())
    behavior = next(each for _, each in page.elements if each.get("id") == "steal.ssh-key.read")
    facets = [behavior[f"data-{name}"] for name in ("categories", "severity", "phases", "pids", "distributions")]
    assert facets == ["steal", "4", "install import", "17 23", "0"]
    assert "#steal.ssh-key.read" in page.values("href")
    assert "ATT&CK T1552.004" in page.text
    assert "MBC E1552" in page.text
    assert "+1.204 s" in page.text
    assert "/site-packages/setup.py:31" in page.text
    assert "import/strace.23:1205" in page.text
    assert "seen by the interpreter probe alone" in page.text


def test_completeness_comes_before_everything_else() -> None:
    text = Page(rich_report()).text
    verdict = [
        text.index(part) for part in ("Incomplete", "phase execute was stopped after 60 s", "Behaviors", "12,480 seen")
    ]
    assert verdict == sorted(verdict)


def test_what_is_left_out_is_counted() -> None:
    text = Page(rich_report()).text
    assert f"{MEASURES[0].evidences} of 1,240 shown; the JSON report holds 40" in text
    files = [package_file(f"wheel-{at}.whl", at) for at in range(MEASURES[0].rows + 7)]
    many = quiet_report(package=quiet_report().package.model_copy(update={"files": files}))
    assert "and 7 more in the JSON report" in Page(many).text
    assert f"wheel-{MEASURES[0].rows - 1}.whl" in Page(many).text
    assert f"wheel-{MEASURES[0].rows}.whl" not in Page(many).text


def test_an_empty_incomplete_report_does_not_look_clean() -> None:
    lost = quiet_report(completeness=Completeness(status="incomplete", reasons=["lost"], events=1, dropped=1))
    assert "No behavior of the package was observed. The run is incomplete, so this proves nothing." in Page(lost).text
    assert not re.search("proves nothing", Page(quiet_report()).text)
    assert Page(lost).text.count("No behavior of the package was observed") == 1


def test_a_hostile_page_stays_small() -> None:
    assert len(render_html(hostile_report())) < 600_000


def test_it_tells_how_far_the_run_got_and_what_was_not_imported() -> None:
    text = Page(rich_report()).text
    for part in (
        "16 of 18", "other platform 1, cut 1", "140 of 152", "31 raised, 2 cut, 4 skipped, 8 not tried", "2 modules not imported",
        "ModuleNotFoundError: No module named 'winreg'", "cut after 20 s", "xdotool", "time to execute: 60 s of 60 s", "31,204",
    ):  # fmt: skip
        assert part in text


def test_evidence_says_what_ran_and_a_behavior_whether_only_calls_did_it() -> None:
    text = Page(rich_report()).text
    assert "call of acme_telemetry.guard:Guard.start" in text
    assert "import of acme_telemetry._collect" in text
    assert text.count("only when called") == 1


def test_files_are_told_with_the_process_and_line_behind_them() -> None:
    text = re.sub(r"\s+", " ", Page(rich_report()).text)
    assert "created /home/user/.config/acme/ import, python3.13 23 " in text
    assert "acme.desktop import, sh 31 " in text
    assert "modified /home/user/.bashrc acme_telemetry/_collect.py:90 import, python3.13 23 " in text
    assert "state.json.tmp to /home/user/.config/acme/state.json acme_telemetry/_send.py:66 import" in text
    assert "deleted /tmp/acme.lock import, python3.13 23, requests " in text


def test_processes_are_told_with_what_ran_how_long_and_where() -> None:
    text = re.sub(r"\s+", " ", Page(rich_report()).text)
    assert "40, script · acme-agent --help +6.000 s for 60 s, in /tmp, exit SIGKILL" in text


def test_what_is_not_in_the_json_report_either_is_said() -> None:
    report = quiet_report(
        processes=[process(1, ["x"], 0.1)], processes_left_out=4321, files=Files(created=[change("/a")], left_out=17)
    )
    text = Page(report).text
    assert "4,321 more processes are not listed anywhere" in text
    assert "17 more changes are not listed anywhere" in text
    assert "Processes 4,322" in re.sub(r"\s+", " ", text)


def test_the_network_is_told_with_lines_of_code_and_what_was_sent() -> None:
    text = Page(rich_report()).text
    for part in (
        "acme_telemetry/_send.py:88", "content-type: application/json", '{"host": "workstation"}', "what was served is marked",
        "TLSv1.3 seen through", "TLS pinned: the certificate was refused", "t13d1516h1_8daaf6152771_e5627efa2ab1",
        "mqtt://198.51.100.9:1883/acme/state", "203.0.113.9:4444", "±8%", "host=workstation user=alex", "carries",
        "1,204 more are not listed anywhere", "a connection to port 4444 was closed after 30 idle seconds",
    ):  # fmt: skip
        assert part in text, part


def test_lines_of_a_body_stay_lines_and_each_is_made_visible() -> None:
    report = rich_report()
    exchange = report.network.http[0].model_copy(update={"body": "one\ntwo\x1b[31m\n<b>three</b>"})
    network = report.network.model_copy(update={"http": [exchange]})
    document = render_html(report.model_copy(update={"network": network}))
    assert "one\ntwo\\x1b[31m\n&lt;b&gt;three&lt;/b&gt;</code>" in document
