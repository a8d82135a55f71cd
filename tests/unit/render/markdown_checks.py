"""What Markdown makes of a document: nothing but what is ours, whatever a package wrote."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

OURS = re.compile(r"<details><summary>[^<>&]*</summary>\n?|</details>\n?")
BLOCKS = frozenset(
    {"heading_open", "heading_close", "inline", "paragraph_open", "paragraph_close", "html_block", "table_open", "table_close",
     "thead_open", "thead_close", "tbody_open", "tbody_close", "tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close",
     "bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close", "list_item_open", "list_item_close"}
)  # fmt: skip
INLINE = frozenset({"text", "code_inline", "strong_open", "strong_close", "em_open", "em_close", "softbreak"})
HOSTS = re.compile(r"@|#|://|www\.|:\w|_|GH-\d|&|(?=[0-9a-f]*\d)\b[0-9a-f]{7,}\b", re.IGNORECASE)
"""What hosts make mentions, links to issues, commits and addresses, or pictures of, in text that is no code."""


def checked(text: str) -> list[Token]:
    """The tokens of a document (CommonMark with tables), after it was seen that none of them is a package's."""
    assert len(text) <= 65_000
    assert all(line.isprintable() for line in text.split("\n"))
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for token in tokens:
        assert token.type in BLOCKS, token.type
        if token.type == "html_block":
            assert OURS.fullmatch(token.content), token.content
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            assert token.level == 0, "a list in a list"
        for child in token.children or []:
            assert child.type in INLINE, (child.type, child.content)
            if child.type == "text":
                assert not HOSTS.search(child.content), child.content
    return tokens


def rows(tokens: list[Token]) -> list[list[str]]:
    """The cells of all rows of all tables."""
    found: list[list[str]] = []
    for before, token in zip(tokens, tokens[1:], strict=False):
        if before.type == "tr_open":
            found.append([])
        if before.type in {"td_open", "th_open"}:
            found[-1].append("".join(child.content for child in token.children or []))
    return found


def count(tokens: list[Token], kind: str) -> int:
    return sum(token.type == kind for token in tokens)
