"""The SSH server itself, as asyncssh's callbacks: who logs in, what is run, which tunnels are asked for.

asyncssh is used under the Eclipse Public License 2.0, one of the two that it is offered under.
"""

from __future__ import annotations

import asyncio
import logging
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import asyncssh

from internet.protocols.uploads import Uploads

if TYPE_CHECKING:
    from internet.protocols.acts import Acts

_VERSION: Final = "OpenSSH_9.2p1 Debian-2+deb12u3"
_QUIET_SECONDS: Final = 0.3
"""How long a command's input is silent before the command ends; many clients never say that there is no more."""
_INPUT_CHUNK: Final = 65_536
_BROKEN: Final = (asyncssh.ProtocolError, asyncssh.KeyExchangeFailed, asyncssh.MACError, asyncssh.CompressionError)


def connect(acts: Acts, failures: list[str]) -> asyncio.Protocol:
    """The server's side of one connection; `failures` gets what the client did against the protocol."""
    logging.getLogger("asyncssh").setLevel(logging.CRITICAL + 1)

    def failed(_connection: object, error: Exception | None) -> None:
        if isinstance(error, _BROKEN):
            failures.append(str(error))

    async def run(process: asyncssh.SSHServerProcess[bytes]) -> None:
        """One command or shell of this connection."""
        await _run(process, acts)

    def transfer(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return Uploads(channel, acts)

    options = asyncssh.SSHServerConnectionOptions(
        server_factory=lambda: _Server(acts), server_host_keys=_keys(), server_version=_VERSION, process_factory=run,
        sftp_factory=transfer, allow_scp=True, encoding=None, line_editor=False, login_timeout=60,
        gss_host=None,  # else it asks a name server for this machine's name, which is this very process
    )  # fmt: skip
    return asyncssh.SSHServerConnection(asyncio.get_running_loop(), options, None, failed)


@cache
def _keys() -> list[asyncssh.SSHKey]:
    """This run's host keys, of the kinds that every client knows and that take no time to make."""
    return [asyncssh.generate_private_key(kind) for kind in ("ssh-ed25519", "ecdsa-sha2-nistp256")]


class _Server(asyncssh.SSHServer):
    """Lets everybody in, and tells how they came in."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts
        self._user = ""

    def begin_auth(self, username: str) -> bool:
        self._user = username
        self._acts.payload(username.encode("utf-8", "surrogateescape"))
        return True

    def auth_completed(self) -> None:
        self._acts.tell("AUTH", user=self._user)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self._acts.payload(f"{username}\0{password}".encode("utf-8", "surrogateescape"))
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002
        self._acts.payload(key.export_public_key())
        return True

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:  # noqa: ARG002
        self._acts.tell("CONNECT", f"{dest_host}:{dest_port}", user=self._user)
        return False


async def _run(process: asyncssh.SSHServerProcess[Any], acts: Acts) -> None:
    """A command or a shell: its words and what is typed into it are kept, and it says nothing."""
    command = (process.command or "").encode("utf-8", "surrogateescape")
    user = str(process.get_extra_info("username", ""))
    acts.payload(command)
    acts.tell("exec" if command else "shell", size=len(command), user=user)
    typed = 0
    try:
        while data := await _typed(process, quiet=bool(command)):
            typed += len(data)
            acts.payload(data)
            if not command and data.strip() in {b"exit", b"logout"}:
                break
    except (asyncssh.TerminalSizeChanged, asyncssh.BreakReceived, asyncssh.SignalReceived):
        pass  # the terminal's events end the shell as a hang-up would
    if typed:
        acts.tell("stdin", size=typed, user=user)
    process.exit(0)


async def _typed(process: asyncssh.SSHServerProcess[Any], *, quiet: bool) -> bytes:
    """Some input; b"" at its end, or once a command's is silent."""
    try:
        async with asyncio.timeout(_QUIET_SECONDS if quiet else None):
            return bytes(await process.stdin.read(_INPUT_CHUNK))
    except TimeoutError:
        return b""
