"""The files of a package, read on the host."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from analyzer.content import declared, spdx
from analyzer.content.licenses import known
from analyzer.content.reading import FileToRead, Task, read_files
from analyzer.content.scanning import Books, Scan
from analyzer.content.secrets import find_secrets
from analyzer.errors import AcquireError, RecordError
from analyzer.model.filefacts import FileFacts
from analyzer.pipeline.content import content_of, judged
from analyzer.rules.loader import builtin
from analyzer.store.record import CONTENT, Record
from tests.fuzz.target import target
from tests.fuzz.targets.archives import ZIP

SIGNS = (
    b"https://",
    b":\\/\\/",
    b":\0/\0/\0",
    b"AKIA",
    b"eyJ",
    b".eyJ",
    b"BEGIN RSA PRIVATE KEY",
    b"ghp_",
    b":AA",
    b"\n",
    b"\0",
    b"\xff\xfe",
    b"{",
    b"[::1]:80",
)


@target(*SIGNS, guided=True)
def file_of_a_package(data: bytes) -> None:
    books = Books(1e9)
    scan = Scan(books, "x")
    for place in range(0, len(data), 5000):
        scan.feed(data[place : place + 5000])
    scan.end()
    for found in find_secrets(data):
        assert 0 <= found.place <= len(data)
    facts = FileFacts(urls=books.urls.facts(), secrets=tuple(books.secrets.facts))
    assert FileFacts.model_validate_json(facts.document()) == facts
    judged(facts, builtin().lists)


@target(*ZIP, b"x-1.0.dist-info/METADATA", b"License: ")
def package_that_is_read(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x-1.0-py3-none-any.whl"
        path.write_bytes(data)
        one = FileToRead(path=path, filename=path.name, role="target")
        facts = read_files(
            Task(name="x", version="1.0", files=(one, one.model_copy(update={"role": "dependency"})), seconds=1e9)
        )
    assert FileFacts.model_validate_json(facts.document()) == facts
    judged(facts, builtin().lists)


@target(
    b"MIT",
    b" AND ",
    b" OR ",
    b" WITH ",
    b"(",
    b")",
    b"GPL-2.0-only",
    b"/",
    b"GNU GENERAL PUBLIC LICENSE ",
    b"Version 3, 29 June 2007",
)
def license_text(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    known().of_text(text)
    expression = spdx.expression_of(text)
    for one in (text, expression):
        assert spdx.kinds(one) <= {"copyleft", "restricted"}
        spdx.lets_choose(one)
        spdx.is_offered(one, expression)


@target(
    b"[project]\n",
    b"License: ",
    b"Classifier: License :: ",
    b"Requires-Dist: a; extra == 'b'",
    b"[console_scripts]\n",
    b"=?utf-8?b?",
)
def declared_metadata(data: bytes) -> None:
    for parse in (declared.core, declared.project):
        with suppress(AcquireError):
            parse(data)
    declared.requires_txt(data)
    declared.has_scripts(data)


@target(b'{"format":1,', b'"urls":[{"url":"', b'","file":"","line":1}]', b'"failed":[""]', b"}")
def content_of_a_record(data: bytes) -> None:
    with TemporaryDirectory() as folder, suppress(RecordError):
        (Path(folder) / CONTENT).write_bytes(data)
        content_of(Record(Path(folder)), builtin().lists)
