"""Many packages as one CycloneDX document: all that was vetted with what was installed for it, each component once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from analyzer.render.cyclonedx.report import Bom
from analyzer.render.text import safe_text

if TYPE_CHECKING:
    from analyzer.model.vetting import VettedPackage, Vetting

_ROOT: Final = "vetted"


def render_vetting(vetting: Vetting, packages: Iterable[VettedPackage]) -> str:
    """The document. What was not analysed is an annotation on the whole."""
    bom = Bom(vetting.generator, vetting.created)
    refs: list[str] = []
    for one in packages:
        if one.report is not None:
            refs.append(bom.add(one.report, [(anchor.file, anchor.line) for anchor in one.anchors]))
        elif one.error:
            bom.note(_ROOT, safe_text(f"{one.target} is {one.standing}: {one.error}", 1000))
    bom.depend(_ROOT, refs)
    verdict = [{"name": "fumehood:verdict", "value": vetting.decision}] if vetting.decision is not None else []
    policy = {"name": "fumehood:policy", "value": safe_text(vetting.policy, 500)}
    return bom.document(
        {"type": "application", "bom-ref": _ROOT, "name": "vetted packages", "properties": [*verdict, policy]}
    )
