"""The command line: `fumehood`."""

import sys

from analyzer.cli.stopping import Stopped, came, heed_signals, ignore_signals


def main() -> None:
    """Runs the command line and exits. Signals are heeded before all that it takes is loaded."""
    heed_signals()
    try:
        from analyzer.cli.app import run
    except BaseException:
        if not came():
            raise
        # Code in C that was just loaded may have made another error of ours.
        print("fumehood: interrupted, nothing left behind", file=sys.stderr)  # noqa: T201 the command line's own output
        raise Stopped(128 + came()) from None
    try:
        run()
    finally:
        ignore_signals()


__all__ = ["main"]
