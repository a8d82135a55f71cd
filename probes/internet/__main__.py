"""The command line: `network`, `serve`, and `capture`, which `serve` starts itself."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main() -> int:
    """Run one command; 0 for success, 3 with one line on standard error when something is missing."""
    options = _parser().parse_args()
    # Each command imports what it needs only: starting fast is part of the contract with the sandbox.
    if options.command == "capture":
        return _capture(options)
    if options.command == "network":
        return _network(options)
    return _serve(options)


def _network(options: argparse.Namespace) -> int:
    from internet.answers import Answers
    from internet.network import NetworkError, prepare

    try:
        prepare(off=options.record is not None and Answers.read(options.record).off)
    except (NetworkError, ValueError, OSError) as error:
        return _fail(str(error))
    return 0


def _capture(options: argparse.Namespace) -> int:
    from internet.capture import run

    try:
        return run(options.file, options.bytes)
    except OSError as error:
        return _fail(
            f"packets cannot be captured to {options.file}: {error}; it needs CAP_NET_RAW and room on the disk"
        )


def _serve(options: argparse.Namespace) -> int:
    from internet.sniffer import Sniffer, SnifferError

    try:
        # Its process starts while this one imports the rest, which takes as long.
        sniffer = Sniffer(options.record / "capture.pcap", options.capture_bytes)
        from internet.server import serve
        from internet.settings import Limits

        limits = Limits(capture_bytes=options.capture_bytes, log_bytes=options.log_bytes)
        serve(options.record, limits, options.ready_fd, sniffer, until_eof=options.until_eof, after=options.after_fd)
    except (SnifferError, ValueError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(
            f"{options.record} cannot be served: {error}; it needs CAP_NET_ADMIN, CAP_NET_RAW and room on the disk"
        )
    return 0


def _fail(message: str) -> int:
    sys.stderr.write(f"internet: {message}\n")
    return 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="internet", description="The simulated internet of a network namespace.")
    commands = parser.add_subparsers(dest="command", required=True)
    network = commands.add_parser("network", help="set up lo, addresses, routes and rules, once")
    network.add_argument(
        "--record", type=Path, metavar="DIR", help="where answers.json says whether anything is answered"
    )
    server = commands.add_parser("serve", help="answer everything until SIGTERM")
    server.add_argument("--record", type=Path, required=True, metavar="DIR", help="where the record is written")
    server.add_argument("--ready-fd", type=int, metavar="N", help="descriptor that gets `ready` and a newline")
    server.add_argument("--after-fd", type=int, metavar="N", help="descriptor whose end says that `network` is done")
    server.add_argument("--until-eof", action="store_true", help="end when standard input (a pipe) ends")
    server.add_argument("--capture-bytes", type=int, default=64 << 20, metavar="N", help="size limit of the capture")
    server.add_argument("--log-bytes", type=int, default=64 << 20, metavar="N", help="size limit of the log")
    capture = commands.add_parser("capture", help="capture packets until standard input ends")
    capture.add_argument("file", type=Path)
    capture.add_argument("--bytes", type=int, default=64 << 20, metavar="N", help="size limit of the file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
