"""A rendered page, taken apart for tests."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from analyzer.model.report import Report
from analyzer.render.html.page import render_html

BLOCKS = {"li", "td", "th", "dt", "dd", "p", "div", "summary"}
"""Elements before which a browser leaves room."""

VOID = {"meta", "input"}
"""Elements that have no end."""


class Page(HTMLParser):
    """A page's elements with their attributes, and whether every element was closed in order."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.content: dict[str, str] = {}
        self.text = ""
        self.feed(render_html(report))
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))
        self.text += " " if tag in BLOCKS else ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.content[self.open[-1]] = self.content.get(self.open[-1], "") + data
        self.text += data if not self.open or self.open[-1] not in {"style", "script"} else ""

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


def told(report: Report) -> str:
    """The text of a page on one line."""
    return re.sub(r"\s+", " ", Page(report).text)
