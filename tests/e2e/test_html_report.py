"""The HTML report in a real browser: it runs nothing of the package's, asks nobody, and works at every size."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from analyzer.pipeline.judging.fitting import fitted
from analyzer.render.html.page import render_html
from tests.e2e.watching import REPORTS, Visit, open_everything, settled, shown_behaviors
from tests.unit.render.eventful import rich_report
from tests.unit.render.largest import largest_report
from tests.unit.render.largest_findings import with_findings, with_judgement
from tests.unit.render.strategies import PIECES, made_report
from tests.unit.render.vetted import vetted_report

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from analyzer.model.report import Report

pytestmark = pytest.mark.browser

FOREIGN = (
    "img, image, iframe, object, embed, form, link, base, math, video, audio, template, svg:not(.strip, .glyph), foreignObject, animate, set, "
    "a:not([href^='#']), use:not([href^='#']), [style], [onload], [onclick], [onerror], [src]"
)
"""What is nowhere in a page of ours."""

MADE = 12
"""Reports with attacks wherever a text may stand, in other places each time."""


def largest_page(letter: str) -> Report:
    """The most that a page is made of."""
    return with_judgement(fitted(with_findings(largest_report(letter), letter)), letter)


@pytest.mark.parametrize("name", REPORTS)
def test_the_page_loads_without_error_request_or_violation(visit: Visit, name: str) -> None:
    watched, path = visit(name)
    open_everything(watched.page)
    watched.page.wait_for_timeout(200)
    assert watched.calm(path), watched
    assert watched.page.evaluate("window.__violations") == []
    assert watched.page.evaluate("getComputedStyle(document.body).maxWidth") == "1050px"


def test_nothing_of_a_hostile_package_runs(visit: Visit) -> None:
    watched, _ = visit("hostile")
    page = watched.page
    open_everything(page)
    page.fill("#filter-text", "window.__owned")
    page.wait_for_timeout(200)
    assert page.evaluate("typeof window.__owned") == "undefined"
    assert watched.dialogs == []
    assert page.locator(FOREIGN).count() == 0
    assert page.locator("script").count() == 1
    assert page.locator("style").count() == 1
    assert len(shown_behaviors(page)) == 5
    assert page.title().startswith("<script>window.__owned=1;alert(1)</script> ")


@pytest.mark.parametrize("number", range(MADE))
def test_nothing_of_any_hostile_report_runs(visit: Visit, number: int) -> None:
    watched, path = visit("made", document=render_html(made_report([], PIECES[number % len(PIECES)] * 500, number)))
    open_everything(watched.page)
    watched.page.keyboard.press("Tab")
    watched.page.mouse.move(300, 300)
    watched.page.wait_for_timeout(100)
    assert watched.calm(path), watched
    assert watched.page.url == path.as_uri()
    assert watched.page.evaluate("[typeof window.__owned, window.__violations.length]") == ["undefined", 0]
    assert watched.page.locator("script").count() == 1
    assert watched.page.locator(FOREIGN).count() == 0


def test_the_largest_report_opens(visit: Visit) -> None:
    watched, path = visit("largest", document=render_html(largest_page("<")))
    assert watched.calm(path), watched.requests
    assert "entries left out" in watched.page.inner_text("header")
    watched.page.fill("#filter-text", "no such text")
    assert shown_behaviors(watched.page) == []


def test_an_attack_that_got_through_would_be_noticed(visit: Visit) -> None:
    """The page without its policy and with an attack in it: each watch goes off."""
    attack = "<script>window.__owned=1;alert(1)</script><img src='gone.png' onerror='window.__owned=2'>"
    bare = re.sub("<meta http-equiv=[^>]*>", "", render_html(rich_report())).replace("<main>", f"<main>{attack}")
    watched, path = visit("rich", document=bare)
    watched.page.wait_for_timeout(200)
    assert watched.page.evaluate("window.__owned") in {1, 2}
    assert watched.dialogs == ["1"]
    assert len(watched.requests) == 2
    assert not watched.calm(path)


def test_the_policy_stops_what_escaping_would_have_missed(visit: Visit) -> None:
    attack = (
        "<script>window.__owned=1</script><img src=x onerror='window.__owned=1'><p id=styled style='color:red'>x</p>"
    )
    watched, _ = visit("rich", document=render_html(rich_report()).replace("<main>", f"<main>{attack}"))
    watched.page.wait_for_timeout(200)
    assert watched.page.evaluate("typeof window.__owned") == "undefined"
    assert set(watched.page.evaluate("window.__violations")) >= {"script-src-elem", "img-src", "style-src-attr"}
    assert watched.page.evaluate("getComputedStyle(document.getElementById('styled')).color") != "rgb(255, 0, 0)"


def test_behaviors_are_filtered(visit: Visit) -> None:
    page = visit("rich")[0].page
    assert len(shown_behaviors(page)) == 9
    page.fill("#filter-text", "id_rsa READS")
    assert shown_behaviors(page) == ["steal.ssh-key.read"]
    settled(page)
    assert page.inner_text("#filter-result") == "behaviors 1 of 9, network 0 of 27, processes 0 of 8, files 0 of 7"
    page.fill("#filter-text", "")
    page.select_option("#filter-category", "network")
    assert len(shown_behaviors(page)) == 3
    assert page.locator(".group h3:visible").all_inner_texts() == ["network"]
    page.select_option("#filter-severity", label="medium or above")
    assert shown_behaviors(page) == ["network.url.nonstandard-port"]
    page.select_option("#filter-category", "")
    page.select_option("#filter-phase", "install")
    assert shown_behaviors(page) == ["steal.ssh-key.read", "autostart.interpreter.hook"]
    page.fill("#filter-text", "no such text")
    assert shown_behaviors(page) == []
    page.evaluate("location.hash = 'network.tcp.connect'")
    page.wait_for_selector("[id='network.tcp.connect'] details[open]")
    assert len(shown_behaviors(page)) == 9


def shares(page: Page) -> list[tuple[str, str, float]]:
    """The bars of the first behavior, by group: the numbers beside each, and the filled part of its width."""
    script = """() => [...document.querySelector(".behavior .prevalence").querySelectorAll("li")].map((row) => [
      row.querySelector(".among").textContent,
      row.querySelector(".seen").textContent,
      parseFloat(getComputedStyle(row.querySelector(".bar")).getPropertyValue("--part")),
    ])"""
    return [tuple(each) for each in page.evaluate(script)]


def test_bars_are_as_long_as_their_numbers_and_stay_when_behaviors_are_filtered(visit: Visit) -> None:
    usual = [one for one in vetted_report().behaviors if one.prevalence and one.prevalence.label == "common"]
    document = render_html(vetted_report().model_copy(update={"behaviors": usual}))
    page = visit("vetted", document=document)[0].page
    expected = [
        ("Top 100", "12 of 16", 75),
        ("Top 1k", "20 of 31", 65),
        ("Top 10k", "30 of 44", 70),
        ("Community", "37 of 52", 70),
    ]
    assert shares(page) == expected
    page.fill("#filter-text", "prevalence common")
    assert shares(page) == expected
    assert page.locator(".behavior:visible .bar").first.bounding_box()["width"] > 30  # type: ignore[index]
    images = page.evaluate("[...document.querySelectorAll('.bar')].map((bar) => getComputedStyle(bar).backgroundImage)")
    assert all(image.startswith("linear-gradient(to right, rgb(") for image in images)


def test_a_reason_of_the_verdict_leads_to_its_evidence_by_keyboard(visit: Visit) -> None:
    page = visit("vetted")[0].page
    assert page.locator(".banner.reject").is_visible()
    assert page.locator(".banner.reject").bounding_box()["y"] < 400  # type: ignore[index]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Reads SSH keys"
    page.keyboard.press("Enter")
    page.wait_for_selector("[id='steal.ssh-key.read'] details[open]")


def test_addresses_of_others_are_text(visit: Visit) -> None:
    page = visit("vetted")[0].page
    open_everything(page)
    for text in ("https://osv.example/vulnerability/GHSA-xxxx-yyyy-zzzz", "https://acme.top.example/agent.exe"):
        assert page.get_by_text(text).first.is_visible()
        assert page.locator("a", has_text=text).count() == 0


def test_all_evidence_opens_and_closes(visit: Visit) -> None:
    page = visit("rich")[0].page
    assert page.locator(".behavior > details[open]").count() == 0
    page.click("#toggle-evidence")
    assert page.locator(".behavior > details[open]").count() == 9
    page.click("#toggle-evidence")
    assert page.locator(".behavior > details[open]").count() == 0


def test_requests_and_connections_unfold(visit: Visit) -> None:
    page = visit("rich")[0].page
    request = page.locator("#section-network details", has_text="/v1/batch").first
    headers = request.get_by_text("content-type: application/json")
    assert not headers.is_visible()
    request.locator("summary").click()
    assert headers.is_visible()
    assert request.get_by_text('{"host": "workstation"}').is_visible()


def test_without_javascript_the_whole_of_a_verdict_is_read(visit: Visit) -> None:
    page = visit("vetted", java_script_enabled=False)[0].page
    for section in ("issues", "vulnerabilities", "project", "behaviors", "content"):
        assert page.locator(f"#section-{section}").is_visible()
    page.click("text=1 finding suppressed")
    assert page.get_by_text("the status page is ours").is_visible()
    assert page.locator(".prevalence:visible").count() == 11 + 4


def test_without_javascript_it_is_a_plain_list(visit: Visit) -> None:
    page = visit("rich", java_script_enabled=False)[0].page
    assert page.locator("#filter").is_hidden()
    assert page.locator(".behavior:visible").count() == 9
    page.click("[id='steal.ssh-key.read'] summary")
    assert page.get_by_text("reads /home/user/.ssh/id_ed25519").first.is_visible()


@pytest.mark.parametrize("width", [360, 390, 768, 1200])
@pytest.mark.parametrize("name", REPORTS)
def test_no_width_needs_horizontal_scrolling(visit: Visit, name: str, width: int) -> None:
    page = visit(name, viewport={"width": width, "height": 800})[0].page
    open_everything(page)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def contrast(page: Page) -> dict[str, float]:
    """The lowest contrast ratio (WCAG 2) of each text colour on the page against its ground, by colour."""
    return dict(
        page.evaluate(
            """() => {
              const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
              const light = (colour) => {
                const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
                const [r, g, b] = channels(colour).map((c) => linear(c / 255));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              const ground = (element) => {
                for (; element; element = element.parentElement) {
                  const colour = getComputedStyle(element).backgroundColor;
                  if (channels(colour).length === 3) return colour;
                }
              };
              const ratios = {};
              for (const element of document.querySelectorAll("body *")) {
                if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
                if (["STYLE", "SCRIPT", "OPTION"].includes(element.tagName)) continue;
                const colour = getComputedStyle(element).color;
                const [low, high] = [light(colour), light(ground(element))].sort((a, b) => a - b);
                ratios[colour] = Math.min(ratios[colour] ?? 21, (high + 0.05) / (low + 0.05));
              }
              return ratios;
            }"""
        )
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_schemes_have_enough_contrast(visit: Visit, scheme: str) -> None:
    page = visit("vetted", color_scheme=scheme)[0].page
    open_everything(page)
    ratios = contrast(page)
    assert len(ratios) >= 6
    assert min(ratios.values()) >= 4.5, ratios


def test_the_schemes_differ_and_can_be_photographed(visit: Visit, tmp_path: Path) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        page = visit("rich", color_scheme=scheme)[0].page
        page.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)
        grounds[scheme] = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert grounds == {"light": "rgb(252, 252, 251)", "dark": "rgb(21, 23, 26)"}
    assert (tmp_path / "light.png").read_bytes() != (tmp_path / "dark.png").read_bytes()


def test_print_hides_the_controls_and_shows_the_evidence(visit: Visit) -> None:
    page = visit("rich")[0].page
    page.emulate_media(media="print")
    assert page.locator("#filter").is_hidden()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".behavior > details[open]").count() == 9
    assert page.pdf().startswith(b"%PDF")
