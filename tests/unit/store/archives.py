"""Small record folders and archives, right and wrong ones, for the tests of this folder and of those above it."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analyzer.model.package import Acquisition, ServedFile
from analyzer.store.archive import MANIFEST, pack
from analyzer.store.manifest import Analysed, Facts, Origin, RecordedUsage

ACQUISITION = Acquisition(
    "sample",
    "1.0",
    "wheel",
    ("extra",),
    (
        ServedFile("sample-1.0-py3-none-any.whl", Path("/home/someone/sample"), "0" * 64, 10, "target"),
        ServedFile("other-2.0.tar.gz", Path("/home/someone/other"), "1" * 64, 20, "dependency", "other"),
    ),
)

ORIGIN = Origin(
    generator="fumehood 0.0",
    created=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
    acquisition=Analysed.of(ACQUISITION),
    facts=Facts(
        backend="embedded",
        runtime="bubblewrap",
        tracer="strace",
        python="3.11.2",
        network="simulated",
        usage=RecordedUsage(peak_memory_bytes=1, cpu_seconds=0.5, max_processes=2),
        reasons=("one", "two"),
    ),
)

CONTENT = {
    "plan.json": b'{"format": 1, "environment": {"PWD": "/home/alex/project"}}',
    "steps.jsonl": b"",
    "distributions.json": b"[]",
    "end.json": b'{"format": 1, "reasons": []}',
    "supervisor.log": b"",
    "steps/01-install.strace": b"100 1.000000 +++ exited with 0 +++\n" * 100,
    "steps/01-install.out": b"\xff\x00said\n",
    "steps/02-import.kernel": b"FHK1" + bytes(range(256)),
    "trees/before.jsonl": b"{}\n",
    "internet/exchanges.jsonl": b"",
    "internet/capture.pcap": bytes(range(256)),
}


def make_record(folder: Path) -> Path:
    """A record folder with the content above, and a file that is not kept."""
    for name, content in (CONTENT | {"internet/ca.pem": b"-----BEGIN"}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def packed(folder: Path) -> bytes:
    """The archive of a record folder."""
    stream = io.BytesIO()
    pack(folder, ORIGIN, stream)
    return stream.getvalue()


def manifest_of(content: dict[str, bytes]) -> dict[str, Any]:
    """A right manifest for some files, as JSON."""
    files = [
        {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in content.items()
    ]
    return ORIGIN.model_dump(mode="json") | {"files": files}


def build(
    content: dict[str, bytes] | list[tuple[str, bytes]],
    manifest: dict[str, Any] | None = None,
    change: Callable[[zipfile.ZipInfo], None] = lambda info: None,
) -> bytes:
    """An archive made by hand. Its manifest is right unless another one is given; `change` may alter each member."""
    members = list(content.items()) if isinstance(content, dict) else content
    text = json.dumps(manifest_of(dict(members)) if manifest is None else manifest)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in [(MANIFEST, text.encode()), *members]:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            change(info)
            archive.writestr(info, data)
    return stream.getvalue()
