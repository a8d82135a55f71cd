"""What a record's facts of the package's files mean, by this version's lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analyzer.content import licenses, spdx
from analyzer.content.process import FileReader
from analyzer.kept import replacing
from analyzer.model.content import Content, ContentSecret, ContentUrl, LicenseFact, LicenseKind
from analyzer.model.filefacts import FileFacts, LicenseText
from analyzer.pipeline.addresses import Classifier
from analyzer.rules.lists import Lists
from analyzer.store.record import CONTENT, Record

_TOPICS = ("Topic :: ", "Framework :: ")
_LEVELS = 3
"""Of a topic's path, as far as packages of one kind are told apart."""

_KINDS: tuple[LicenseKind, ...] = ("copyleft", "restricted")
_EXPRESSION = 200


def content_of(record: Record, lists: Lists) -> tuple[Content | None, list[str]]:
    """What the files hold, and the reasons why not all of that is known. None for a record of a version that did not read them.

    Raises RecordError where the record's facts are not of this version's format.
    """
    facts = record.content()
    if facts is None:
        return None, []
    reasons = [f"the files could not be read: {reason}" for reason in facts.failed]
    return judged(facts, lists), reasons


def keep_content(record: Record, reader: FileReader, waiting: Callable[[], None]) -> str:
    """Puts what was read in the files into a record. `waiting` is called where that is not done yet.

    Gives the reason why the record cannot take it, or nothing.
    """
    if not reader.is_done:
        waiting()
    try:
        with replacing(record.folder / CONTENT) as stream:
            stream.write(reader.facts().document())
    except OSError as error:
        return f"what stands in the package's files could not be written into the record: {error.strerror or error}"
    return ""


def judged(facts: FileFacts, lists: Lists) -> Content:
    """The facts, of which addresses are only told where they are remarkable."""
    return Content(
        files=facts.files,
        bytes=facts.size,
        unread=[*facts.failed, *facts.skipped],
        urls=list(_urls(facts, Classifier(lists))),
        secrets=[
            ContentSecret(
                service=one.service,
                shown=f"{one.shown}… ({one.length} characters, SHA-256 {one.digest}…)",
                file=one.file,
                line=one.line,
            )
            for one in facts.secrets
        ],
        licenses=_licenses(facts.licenses),
        kinds=sorted(_kinds(facts)),
        requires=list(facts.requires),
    )


def _urls(facts: FileFacts, classifier: Classifier) -> Iterator[ContentUrl]:
    for one in facts.urls:
        kinds = classifier.kinds(one.url, one.file)
        if kinds:
            yield ContentUrl(url=one.url, kinds=kinds, file=one.file, line=one.line, count=one.count)


def _licenses(texts: tuple[LicenseText, ...]) -> list[LicenseFact]:
    told = [(one, _expression(one)) for one in texts]
    choices = {
        one.distribution: expression
        for one, expression in told
        if one.source in {"License-Expression", "License"} and spdx.lets_choose(expression)
    }
    found = []
    for one, expression in told:
        choice = choices.get(one.distribution, "")
        # Who may choose a permissive licence need not look at the texts of the others, but at those of what is included.
        is_met = bool(choice) and (one.source != "file" or spdx.is_offered(expression, choice))
        kinds = frozenset[str]() if is_met else spdx.kinds(expression)
        found.append(
            LicenseFact(
                distribution=one.distribution,
                version=one.version,
                role=one.role,
                source=one.source,
                text=one.text,
                expression=expression,
                kinds=[kind for kind in _KINDS if kind in kinds],
                file=one.file,
            )
        )
    return found


def _expression(one: LicenseText) -> str:
    """The SPDX expression that a text means; of License-Expression, what it says."""
    if one.source == "License-Expression":
        return one.text.strip()[:_EXPRESSION]
    if one.source == "classifier":
        return licenses.known().of_classifier(one.text)
    return (spdx.expression_of(one.text) if one.source == "License" else "") or " AND ".join(one.recognised)


def _kinds(facts: FileFacts) -> set[str]:
    """Topics and frameworks of each level, and what the files show."""
    found = set()
    for classifier in facts.classifiers:
        if classifier.startswith(_TOPICS):
            path = classifier.split(" :: ")[:_LEVELS]
            found |= {" :: ".join(path[:length]) for length in range(2, len(path) + 1)}
    if facts.scripts:
        found.add("scripts")
    if facts.compiled:
        found.add("compiled modules")
    return found
