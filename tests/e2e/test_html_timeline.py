"""The processes on their axis of time, in a real browser: where bars and marks are, and how they are reached without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.watching import Visit, settled

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser


def box(locator: Locator) -> tuple[float, float]:
    """Left and right edge, in pixels."""
    found = locator.bounding_box()
    assert found is not None
    return found["x"], found["x"] + found["width"]


def strip(page: Page, name: str) -> Locator:
    return page.locator(f"svg.strip[aria-label='{name}']")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.querySelector?.('title')?.textContent ?? ''"))


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_all_strips_share_one_axis_and_bars_lie_in_their_phase(visit: Visit, width: int) -> None:
    page = visit("rich", viewport={"width": width, "height": 900})[0].page
    page.locator("#section-processes").scroll_into_view_if_needed()
    axis = box(page.locator("svg.axis"))
    assert {box(one) for one in page.locator("#timeline .process > svg.strip").all()} == {axis}
    labels = [box(one) for one in page.locator(".axis text:not(.span)").all()]
    assert page.locator(".axis text:not(.span)").all_text_contents() == ["install", "startup", "import", "execute"]
    assert all(left[1] < right[0] for left, right in zip(labels, labels[1:], strict=False)), labels
    agent = box(strip(page, "acme-agent 40").locator(".life"))
    assert agent[0] == pytest.approx(labels[3][0] - 4, abs=1)
    assert agent[1] == pytest.approx(axis[1], abs=1)


def test_marks_tell_severity_by_shape_and_colour_and_what_was_done(visit: Visit) -> None:
    page = visit("rich")[0].page
    marks = strip(page, "python3 17").locator("a")
    assert marks.locator("title").all_text_contents() == ["critical: Reads SSH private keys; +1.204 s"]
    assert marks.locator("use").get_attribute("href") == "#mark-critical"
    shapes = page.evaluate(
        """() => Object.fromEntries(["critical", "high", "medium", "low", "info"].map((severity) => {
          const glyph = document.querySelector(`.legend .${severity} use`);
          const shape = document.getElementById(`mark-${severity}`);
          return [severity, [getComputedStyle(glyph).fill, shape.getAttribute("d") ?? shape.tagName]];
        }))"""
    )
    assert len({colour for colour, _ in shapes.values()}) == 5
    assert len({shape for _, shape in shapes.values()}) == 5
    drawn = page.evaluate("getComputedStyle(document.querySelector('.strip a.critical use')).fill")
    assert drawn == shapes["critical"][0]


def test_one_mark_is_in_the_order_of_tabs_and_arrows_reach_the_others(visit: Visit) -> None:
    page = visit("rich")[0].page
    assert page.locator(".strip a[tabindex='0']").count() == 1
    page.locator(".strip a[tabindex='0']").focus()
    assert focused(page) == "critical: Reads SSH private keys; +1.204 s"
    assert page.inner_text("#mark-told") == "python3 17: critical: Reads SSH private keys; +1.204 s"
    page.keyboard.press("ArrowDown")
    assert focused(page).startswith("critical: Reads SSH private keys; ")
    assert "python3 23" in page.inner_text("#mark-told")
    page.keyboard.press("End")
    assert focused(page) == "medium: Uses anti-debugging methods; +7.500 s"
    page.keyboard.press("ArrowRight")
    assert focused(page).startswith("high: Starts a shell; ")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    assert focused(page) == "critical: Reads SSH private keys; +1.204 s"
    page.keyboard.press("ArrowUp")
    assert focused(page) == "critical: Reads SSH private keys; +1.204 s"
    page.keyboard.press("Enter")
    page.wait_for_selector("[id='steal.ssh-key.read'] details[open]")


def test_marks_follow_the_filter_and_the_way_to_them_stays(visit: Visit) -> None:
    page = visit("rich")[0].page
    page.select_option("#filter-process", "31")
    settled(page)
    assert page.locator(".strip a[tabindex='0'] title").text_content() != "critical: Reads SSH private keys; +1.204 s"
    assert page.locator(".strip a[tabindex='0']:visible").count() == 1
    page.click("#filter-clear")
    page.select_option("#filter-severity", "high")
    settled(page)
    assert page.locator(".strip a.out").count() > 5
    assert page.locator(".strip a.low:visible, .strip a.medium:visible").count() == 0


def test_marks_are_found_by_name_with_and_without_javascript(visit: Visit) -> None:
    for enabled in (True, False):
        page = visit("rich", java_script_enabled=enabled)[0].page
        link = page.get_by_role("link", name="high: Starts a shell; +2.702 s")
        assert link.count() == 1
        link.click()
        assert page.url.endswith("#execution.shell.run")


def test_the_same_is_told_as_text_by_time(visit: Visit) -> None:
    page = visit("rich", java_script_enabled=False)[0].page
    page.click("#moments summary")
    first = page.locator("#moments tbody tr").first
    assert " ".join(first.inner_text().split()) == "+1.204 s critical Reads SSH private keys. install, python3.13 17 1"
    assert page.locator("#moments tbody tr").count() == 10
    assert page.locator(".keys").is_hidden()


def test_a_tree_folds_with_its_strips(visit: Visit) -> None:
    page = visit("rich")[0].page
    page.locator("summary.who", has_text="driver.py import").click()
    assert strip(page, "sh 31").is_hidden()
    assert strip(page, "python 23").count() + strip(page, "python3 23").count() == 1


def test_a_run_by_hand_and_its_places_are_told(visit: Visit) -> None:
    page = visit("guided", viewport={"width": 390, "height": 800})[0].page
    assert "A shell was open for 312 s and ended with exit 0." in page.inner_text(".banner.explored")
    table = " ".join(page.inner_text("#section-directions table").split())
    assert "src/acme_telemetry/_send.py:88-91 in Client.post" in table
    assert "the line was run" in table
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
