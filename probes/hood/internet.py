"""Keeps the simulated internet: brings the network up, starts the service, stops it, and has what it kept dissected and searched.

Run as a program (`python3 -m hood.internet RECORD PROBES UID`), it is the first process of Docker's sidecar container, and lives
until it is told to stop (SIGTERM), or until nobody is left to tell it (`hood.owner`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from hood.owner import end_with_owner

_READY_SECONDS = 20.0
_STOP_SECONDS = 10.0
_DISSECT_SECONDS = 120.0
_SEARCH_SECONDS = 60.0


class Internet:
    """The simulated internet of one run. `uid` is the user it runs as; None keeps the caller's."""

    def __init__(self, folder: Path, probes: Path, uid: int | None) -> None:
        self._folder = folder
        path = os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        # Libraries look for a home, which a user that exists nowhere has not.
        self._environment = {"PATH": path, "PYTHONPATH": str(probes), "HOME": "/nonexistent"}
        self._environment |= {name: os.environ[name] for name in ("FUMEHOOD_SITE",) if name in os.environ}
        if "FUMEHOOD_SITE" in self._environment:
            self._environment["PYTHONPATH"] += ":" + self._environment.pop("FUMEHOOD_SITE")
        self._uid = uid
        self._service: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Brings the network up and waits until the service answers. Raises OSError when it does not."""
        ready, told = os.pipe()
        prepared, waiting = os.pipe()
        command = [
            *self._as_user("+net_admin,+net_raw"), sys.executable, "-B", "-P", "-m", "internet", "serve",
            "--record", str(self._folder), "--ready-fd", str(told), "--after-fd", str(prepared),
        ]  # fmt: skip
        # Half of the time goes by before the service needs the network, which is made meanwhile.
        self._service = subprocess.Popen(
            command, env=self._environment, pass_fds=[told, prepared], stdin=subprocess.DEVNULL
        )
        os.close(told)
        os.close(prepared)
        try:
            self._run(["-S", "-m", "internet", "network", "--record", str(self._folder)], timeout=_READY_SECONDS)
        except (OSError, subprocess.SubprocessError):
            self._service.kill()
            self._service.wait()
            raise
        finally:
            os.close(waiting)
        with os.fdopen(ready, "rb") as pipe:
            if b"ready" not in pipe.read():
                raise OSError("the simulated internet did not start (see the messages above)")

    def stop(self) -> list[str]:
        """Stops the service, has the capture dissected and what was sent searched; gives the reasons why something of it is missing."""
        reasons = []
        if self._service is not None:
            if self._service.poll() is not None:
                reasons.append(f"the simulated internet ended by itself with status {self._service.returncode}")
            self._service.terminate()
            try:
                if self._service.wait(_STOP_SECONDS) != 0 and not reasons:
                    reasons.append(
                        f"the simulated internet ended with status {self._service.returncode}, its record may be cut"
                    )
            except subprocess.TimeoutExpired:
                self._service.kill()
                self._service.wait()
                reasons.append("the simulated internet did not stop in time, its record may be cut")
        dissect = [
            "-m", "dissector", str(self._folder / "capture.pcap"), str(self._folder / "packets.jsonl"),
            "--dials", str(self._folder / "exchanges.jsonl"),
        ]  # fmt: skip
        reasons += self._afterwards(dissect, _DISSECT_SECONDS, "the packet capture could not be dissected")
        search = ["-S", "-m", "searcher", str(self._folder)]
        reasons += self._afterwards(search, _SEARCH_SECONDS, "what was sent could not be searched for planted secrets")
        return reasons

    def _afterwards(self, arguments: list[str], seconds: float, failure: str) -> list[str]:
        """Runs a program that reads what the run left; gives the reason where it failed."""
        try:
            self._run(arguments, user=True, timeout=seconds)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            return [f"{failure}: {error}"]
        return []

    def _run(self, arguments: list[str], *, timeout: float, user: bool = False) -> None:
        prefix = self._as_user("-all") if user else []
        subprocess.run(
            [*prefix, sys.executable, "-B", "-P", *arguments],
            env=self._environment,
            check=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout,
        )

    def _as_user(self, capabilities: str) -> list[str]:
        """Setpriv's words for the service's user with just these capabilities, kept over the change of user."""
        if self._uid is None or self._uid == os.getuid():
            return []
        ambient = [f"--inh-caps={capabilities}", f"--ambient-caps={capabilities}"]
        return ["setpriv", f"--reuid={self._uid}", f"--regid={self._uid}", "--clear-groups", *ambient, "--no-new-privs"]


def main() -> None:
    """The sidecar's program: RECORD folder, PROBES folder, uid."""
    end_with_owner()
    folder, probes, uid = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    internet = Internet(folder, probes, uid)
    internet.start()
    # Blocked only now: what was started would inherit it, and could not be stopped.
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    print("ready", flush=True)  # noqa: T201 this line is the protocol with the host
    signal.sigwaitinfo(signals)  # unlike sigwait, lets the handler of another signal run
    for reason in internet.stop():
        print("reason " + reason, flush=True)  # noqa: T201
    print("stopped", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
