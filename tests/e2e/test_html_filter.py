"""One filter for behaviors, traffic, processes and files, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.watching import Visit, settled, shown_behaviors

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def rows(page: Page, section: str) -> list[str]:
    """The second column of the rows that a section shows: a path, a peer, a name, a request."""
    script = "(id) => [...document.querySelectorAll(`#section-${id} tr.item:not([hidden]) td:nth-child(2)`)].map((cell) => cell.textContent.trim())"
    return [" ".join(text.split()) for text in page.evaluate(script, section)]


def processes(page: Page) -> list[str]:
    return list(
        page.evaluate("[...document.querySelectorAll('li.process:not([hidden])')].map((one) => one.dataset.pids)")
    )


def result(page: Page) -> str:
    settled(page)
    return page.inner_text("#filter-result")


def kept(page: Page) -> str:
    settled(page)
    return page.url.partition("#")[2]


def test_text_finds_in_all_lists_at_once(visit: Visit) -> None:
    page = visit("rich")[0].page
    assert result(page) == ""
    page.fill("#filter-text", "STATE.json tmp")
    assert result(page) == "behaviors 1 of 9, network 0 of 27, processes 0 of 8, files 1 of 7"
    assert rows(page, "files") == ["/home/user/.config/acme/state.json.tmp to /home/user/.config/acme/state.json"]
    page.fill("#filter-text", "collect.acme.example")
    assert result(page).startswith("behaviors 2 of 9, network 7 of 27")
    assert page.locator("#section-network caption:visible").all_text_contents() == [
        "HTTP exchanges",
        "Connections",
        "Names asked",
    ]
    assert page.text_content("#section-network [data-tally]") == "7 of 27"
    page.click("#filter-clear")
    assert result(page) == ""
    assert page.text_content("#section-network [data-tally]") == "27"
    assert len(rows(page, "files")) == 7


def test_a_phase_a_process_and_a_distribution_choose_rows(visit: Visit) -> None:
    page = visit("rich")[0].page
    page.select_option("#filter-phase", "install")
    assert result(page) == "behaviors 2 of 9, network 0 of 27, processes 2 of 8, files 1 of 7"
    assert rows(page, "files") == ["/site-packages/acme-hook.pth high"]
    page.select_option("#filter-phase", "")
    page.select_option("#filter-process", label="31 sh")
    assert result(page) == "behaviors 1 of 9, network 0 of 27, processes 1 of 8, files 1 of 7"
    assert shown_behaviors(page) == ["execution.shell.run"]
    page.select_option("#filter-process", "")
    page.select_option("#filter-distribution", label="requests")
    assert result(page) == "behaviors 1 of 9, network 0 of 27, processes 1 of 8, files 1 of 7"
    assert rows(page, "files") == ["/tmp/acme.lock"]


def test_a_row_has_the_severity_of_what_it_shows(visit: Visit) -> None:
    page = visit("rich")[0].page
    page.select_option("#filter-severity", "high")
    assert result(page) == "behaviors 3 of 9, network 0 of 27, processes 3 of 8, files 1 of 7"
    assert rows(page, "files") == ["/site-packages/acme-hook.pth high"]
    page.get_by_role("link", name="high", exact=True).first.click()
    page.wait_for_selector("[id='autostart.interpreter.hook'] details[open]")


def test_the_parents_of_a_process_stay_and_are_dimmed(visit: Visit) -> None:
    page = visit("rich")[0].page
    page.fill("#filter-text", "uname")
    settled(page)
    assert processes(page) == ["23", "31", "32"]
    dimmed = page.evaluate(
        "[...document.querySelectorAll('li.process.beside:not([hidden])')].map((one) => one.dataset.pids)"
    )
    assert dimmed == ["23"]
    assert page.text_content("#section-processes [data-tally]") == "2 of 8"


def test_lists_in_which_nothing_fits_say_so(visit: Visit) -> None:
    page = visit("rich")[0].page
    page.fill("#filter-text", "no such text")
    settled(page)
    notes = page.locator(
        "#section-behaviors > .none, #section-network > .none, #section-files > .none, #timeline > .none"
    )
    assert notes.count() == 4
    assert all(note.is_visible() for note in notes.all())
    assert page.locator("#section-files table").is_hidden()


def test_the_address_keeps_the_filter_and_brings_it_back(visit: Visit) -> None:
    watched, _ = visit("rich")
    page = watched.page
    page.fill("#filter-text", "id_rsa & <b>")
    page.select_option("#filter-severity", "medium")
    page.select_option("#filter-process", "23")
    page.select_option("#filter-distribution", label="acme-telemetry")
    hash_ = "filter?text=id_rsa+%26+%3Cb%3E&severity=medium&process=23&distribution=acme-telemetry"
    assert kept(page) == hash_
    page.fill("#filter-text", "id_rsa")
    settled(page)
    address = page.url
    page.click("#filter-clear")
    assert kept(page) == ""
    page.goto("about:blank")
    page.goto(address)
    assert page.input_value("#filter-text") == "id_rsa"
    assert page.locator("#filter-distribution option:checked").inner_text() == "acme-telemetry"
    assert shown_behaviors(page) == ["steal.ssh-key.read"]
    page.evaluate("location.hash = '#filter?phase=install'")
    settled(page)
    assert page.input_value("#filter-phase") == "install"
    assert page.input_value("#filter-text") == ""
    assert len(shown_behaviors(page)) == 2


@pytest.mark.parametrize(
    "fragment",
    [
        "filter?severity=none&process=99999999&phase=%3Cscript%3E",
        "filter?text=%ff%00",
        "%ff",
        "filter?",
        "constructor",
        "filter",
    ],
)
def test_an_address_that_anybody_made_does_nothing_strange(visit: Visit, fragment: str) -> None:
    watched, path = visit("rich")
    watched.page.goto("about:blank")
    watched.requests.clear()
    watched.page.goto(f"{path.as_uri()}#{fragment}")
    assert watched.console == []
    assert watched.page.locator("#filter").is_visible()
    assert watched.page.evaluate("window.__violations") == []
    assert result(watched.page) in {"", "behaviors 0 of 9, network 0 of 27, processes 0 of 8, files 0 of 7"}


def test_the_filter_stays_in_sight_on_a_desk_and_not_on_a_phone(visit: Visit) -> None:
    for width, position in ((1280, "sticky"), (390, "static")):
        page = visit("rich", viewport={"width": width, "height": 800})[0].page
        assert page.evaluate("getComputedStyle(document.getElementById('filter')).position") == position


def test_a_page_with_thousands_of_things_is_filtered(visit: Visit) -> None:
    page = visit("busy")[0].page
    page.fill("#filter-text", "node-17.acme.example")
    assert "network 3 of" in result(page)
    assert kept(page) == "filter?text=node-17.acme.example"
