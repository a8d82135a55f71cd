"""Which files a record archive may hold, and how large each and all of them may be.

`probes/hood/__init__.py` and `probes/internet/__init__.py` tell what the files are. Left out are `internet/ca.pem` and
`ca.json`, the certificate of an authority whose key was gone with the run, and its name: no report needs them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from analyzer.model.event import PHASES

MIB: Final = 1024 * 1024

EMPTY: Final = Path("not-in-the-record")
"""Stands for the path of a file whose bytes a record does not hold."""

FOLDERS: Final = ("steps", "trees", "internet")
"""The folders of a record."""

MAX_FILES: Final = 20_000
"""Four files for each step; a run within the default limits has at most some 2,700 steps (40 s of entry points, 50 restarts of
imports and 300 of calls)."""

MAX_FILE_BYTES: Final = 1024 * MIB
"""One file: above the 256 MiB of a phase's trace, and the largest `--output-limit`."""

MAX_DOCUMENT_BYTES: Final = 64 * MIB
"""A file that is read at once, or a list that is kept in memory."""

MAX_TOTAL_BYTES: Final = 2048 * MIB
"""All files together. A run within the default limits keeps at most 1.3 GiB: for each of four phases 256 MiB of trace, 32 MiB of
interpreter lines and 8 MiB of output and driver, and 64 MiB each of exchanges, of packets and of what was sent; and the trees."""

MAX_ARCHIVE_BYTES: Final = MAX_TOTAL_BYTES + 64 * MIB
"""The archive itself, since data that cannot be compressed grows a little."""

_DOCUMENTS: Final = frozenset(
    [
        "plan.json",
        "steps.jsonl",
        "distributions.json",
        "baseline.json",
        "content.json",
        "project.json",
        "end.json",
        "supervisor.log",
    ]
)
_INTERNET: Final = frozenset(
    f"internet/{name}"
    for name in ("exchanges.jsonl", "packets.jsonl", "secrets.jsonl", "secrets.json", "sent.bin", "capture.pcap")
)
_TREES: Final = frozenset(f"trees/{name}.jsonl" for name in ("before", *PHASES))
_STEP: Final = re.compile(rf"steps/[0-9]{{2,6}}-(?:{'|'.join(PHASES)})\.(?:strace|kernel|out|probe|driver)")


def most_bytes(name: str) -> int:
    """The largest size of a record's file of this name; 0 for a name that no record has."""
    if name in _DOCUMENTS:
        return MAX_DOCUMENT_BYTES
    if name in _INTERNET or name in _TREES or _STEP.fullmatch(name):
        return MAX_FILE_BYTES
    return 0
