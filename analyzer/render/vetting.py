"""What formats there are for many packages at once, whose reports are given one after the other, since all of them may be too much."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analyzer.render.later import later

if TYPE_CHECKING:
    from analyzer.model.vetting import VettedPackage, Vetting


@dataclass(frozen=True, slots=True)
class VettingRenderer:
    """One format: a pure function of what is told of all (its `packages` are not looked at), and of each package with its report.

    The packages come the severest first.
    """

    format: str
    render: Callable[[Vetting, Iterable[VettedPackage]], str]


VETTING_RENDERERS: dict[str, VettingRenderer] = {
    name: VettingRenderer(name, later(module, "render_vetting"))
    for name, module in (
        ("sarif", "sarif.vetting"),
        ("markdown", "markdown.vetting"),
        ("cyclonedx", "cyclonedx.vetting"),
    )
}
"""Every format of many packages that is made from their reports alone, by its name."""
