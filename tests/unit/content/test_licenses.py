from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trove_classifiers import classifiers

from analyzer.content import licenses, spdx

MPL = "Mozilla Public License Version 2.0\n====\n\n1. Definitions\n---\n... means either the GNU General Public License, Version 2.0,"
GPL = "GNU GENERAL PUBLIC LICENSE\n   Version 3, 29 June 2007\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GPL, ("GPL-3.0-only",)),
        (GPL + "...\nGCC RUNTIME LIBRARY EXCEPTION\n", ("GPL-3.0-only WITH GCC-exception-3.1",)),
        (MPL, ("MPL-2.0",)),
        ("GNU LESSER\nGENERAL PUBLIC LICENSE\n Version 2.1, February 1999", ("LGPL-2.1-only",)),
        ("“Commons Clause” License Condition v1.0\n\n" + GPL, ("GPL-3.0-only", "LicenseRef-Commons-Clause")),
        ("Business Source License 1.1\nAdditional Use Grant: None", ("BUSL-1.1",)),
        ("this is compatible with the GNU General Public License, version 3", ()),
        ("", ()),
    ],
)
def test_texts_are_recognised_by_what_stands_in_no_other(text: str, expected: tuple[str, ...]) -> None:
    assert set(licenses.known().of_text(text)) == set(expected)


@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    assert isinstance(licenses.known().of_text(text), tuple)
    assert isinstance(spdx.expression_of(text), str)
    assert spdx.kinds(text) <= {"copyleft", "restricted"}


@given(st.lists(st.sampled_from(["MIT", "GPL-2.0-only", "AND", "OR", "WITH", "(", ")", "Foo", "/", "+"]), max_size=40))
def test_any_expression(words: list[str]) -> None:
    expression = " ".join(words)
    assert spdx.kinds(expression) <= {"copyleft", "restricted"}
    spdx.lets_choose(expression)
    spdx.expression_of(expression)


def test_every_classifier_of_a_licence_is_known() -> None:
    told = {one.removeprefix("License :: ") for one in classifiers if one.startswith("License :: ")}
    assert set(licenses.known().classifiers.expressions) <= told
    copyleft = {
        one for one in told if any(word in one for word in ("GNU", "Mozilla", "Eclipse", "Affero", "Proprietary"))
    }
    assert copyleft - set(licenses.known().classifiers.expressions) == set()


def test_every_expression_of_the_data_is_one() -> None:
    known = licenses.known()
    told = [*known.classifiers.expressions.values(), *known.names.expressions.values()]
    told += [one.expression for one in known.texts.licenses]
    for expression in filter(None, told):
        for one in expression.split(" WITH ")[:1]:
            assert spdx.of_one(one) is not None, expression


@pytest.mark.parametrize(
    ("expression", "kinds"),
    [
        ("MIT", set()),
        ("LGPL-2.1", {"copyleft"}),
        ("GPL-3.0-or-later", {"copyleft"}),
        ("AGPL-3.0-only", {"copyleft", "restricted"}),
        ("BUSL-1.1", {"restricted"}),
        ("LicenseRef-Proprietary", {"restricted"}),
        ("GPL-2.0-only OR MIT", set()),
        ("GPL-2.0-only AND MIT", {"copyleft"}),
        ("MIT AND (GPL-2.0-only OR BSD-3-Clause)", set()),
        ("AGPL-3.0-only OR GPL-3.0-only", {"copyleft"}),
        ("GPL-3.0-only OR LicenseRef-Proprietary", {"copyleft", "restricted"}),
        ("GPL-3.0-only OR LicenseRef-Unheard-Of", {"copyleft"}),
        ("GPL-3.0-only WITH GCC-exception-3.1", set()),
        ("GPL-2.0-only WITH Linux-syscall-note", {"copyleft"}),
        ("LicenseRef-Unheard-Of", set()),
        ("(" * 5000 + "MIT" + ")" * 5000, set()),
        ("MIT AND " * 500 + "MIT", set()),
    ],
)
def test_what_an_expression_asks_for(expression: str, kinds: set[str]) -> None:
    assert spdx.kinds(expression) == kinds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MIT License", "MIT"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("BSD or LGPLv3+", "BSD-3-Clause OR LGPL-3.0-or-later"),
        ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("MPL-2.0 AND MIT", "MPL-2.0 AND MIT"),
        ("MPL-2.0 AND (MIT OR Apache-2.0)", "MPL-2.0 AND (MIT OR Apache-2.0)"),
        ("GNU General Public License v3.0", "GPL-3.0-only"),
        ("Other/Proprietary License", "LicenseRef-Proprietary"),
        ("Dual License", ""),
        ("see the file", ""),
        ("x" * 5000, ""),
    ],
)
def test_what_the_free_text_of_a_licence_means(text: str, expected: str) -> None:
    assert spdx.expression_of(text) == expected
