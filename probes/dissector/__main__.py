# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dissector.output import FORMAT, Begin, End, write

if TYPE_CHECKING:
    from dissector.output import Address

_FILE_HEADER: Final = 24  # pcap-savefile(5)
_LINE_LIMIT: Final = 1 << 20


def main() -> int:
    """Dissect one capture; 0 for success, 3 with one line on standard error when a file cannot be read or written."""
    options = _parser().parse_args()
    try:
        with options.out.open("w", encoding="ascii") as out:
            write(out, Begin(FORMAT))
            if options.capture.stat().st_size <= _FILE_HEADER:
                write(out, End(0, 0))
                return 0
            # Scapy is imported only when there is something to dissect. It keeps pickles of its tables under the user's
            # cache folder: a program that reads hostile data loads none, and leaves none behind.
            os.environ["XDG_CACHE_HOME"] = os.environ["XDG_CONFIG_HOME"] = "/dev/null/none"
            from dissector.dissection import dissect
            from dissector.packets import CaptureError

            try:
                dissect(options.capture, out, _dialled(options.dials), options.max_packets)
            except CaptureError as error:
                return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}")
    return 0


def _dialled(log: Path | None) -> frozenset[Address]:
    """The addresses from which the simulated internet called listening sockets."""
    found: set[Address] = set()
    if log is None:
        return frozenset()
    with log.open(encoding="ascii", errors="replace") as lines:
        while line := lines.readline(_LINE_LIMIT):
            if not line.startswith('{"kind":"dial"'):
                continue
            try:
                host, port = json.loads(line)["source"]
                found.add((str(host), int(port)))
            except (ValueError, KeyError, TypeError):
                continue  # a line cut short by an abrupt end names no call
    return frozenset(found)


def _fail(message: str) -> int:
    sys.stderr.write(f"dissector: {message}\n")
    return 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dissector", description="Say what a packet capture shows.")
    parser.add_argument("capture", type=Path, metavar="CAPTURE.pcap")
    parser.add_argument("out", type=Path, metavar="OUT.jsonl")
    parser.add_argument("--dials", type=Path, metavar="EXCHANGES.jsonl", help="the simulated internet's log")
    parser.add_argument("--max-packets", type=int, default=200_000, metavar="N", help="packets that are looked at")
    return parser


if __name__ == "__main__":
    sys.exit(main())
