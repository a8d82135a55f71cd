"""Captures every packet on `lo` into a classic pcap file; a process of its own, so that a busy server loses none.

Standard output gets one line when the capture runs and one JSON line at its end; the end of standard input ends it, so
that it never outlives its parent. Sources: packet(7), socket(7), and the libpcap savefile format, pcap-savefile(5).
"""

from __future__ import annotations

import fcntl
import json
import select
import signal
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from pathlib import Path

SNAPLEN: Final = 65_535
READY: Final = b"capturing\n"

_ETH_P_ALL: Final = 3
_LINKTYPE_ETHERNET: Final = 1
_SOL_PACKET: Final = 263
_PACKET_STATISTICS: Final = 6
_PACKET_OUTGOING: Final = 4
_SO_RCVBUFFORCE: Final = 33
_SO_TIMESTAMPNS: Final = 35
_SIOCGIFFLAGS: Final = 0x8913
_IFF_UP: Final = 1
_UP_SECONDS: Final = 20.0
_UP_ROUND: Final = 0.002
_BUFFER: Final = 32 << 20
_BATCH: Final = 512
_FLUSH_SECONDS: Final = 0.2


def file_header() -> bytes:
    """The header of a file with microseconds."""
    return struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, SNAPLEN, _LINKTYPE_ETHERNET)


def packet_header(nanoseconds: int, kept: int, size: int) -> bytes:
    """The header of a packet of `size` bytes of which `kept` follow."""
    return struct.pack("=IIII", nanoseconds // 10**9, nanoseconds % 10**9 // 1000, kept, size)


class Capture:
    """The socket and the file."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._file = file
        self._left = limit - len(file_header())
        self.packets = 0
        self.cut = False
        self._data = bytearray(SNAPLEN)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        except PermissionError:  # in a user namespace the kernel's net.core.rmem_max is the limit
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self.socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        _wait_until_up(self.socket)
        self.socket.bind(("lo", _ETH_P_ALL))
        file.write(file_header())

    def drain(self, count: int) -> bool:
        """Take at most `count` packets; False when none is left or the file is full."""
        for _ in range(count):
            try:
                size, ancillary, _flags, sender = self.socket.recvmsg_into([self._data], 64, socket.MSG_TRUNC)
            except BlockingIOError:
                return False
            if sender[2] != _PACKET_OUTGOING and not self._keep(size, ancillary):
                return False
        return True

    def _keep(self, size: int, ancillary: list[tuple[int, int, bytes]]) -> bool:
        seconds, fraction = struct.unpack("=qq", ancillary[0][2][:16])
        kept = min(size, SNAPLEN)
        if 16 + kept > self._left:
            self.cut = True
            return False
        self._left -= 16 + kept
        self._file.write(packet_header(seconds * 10**9 + fraction, kept, size))
        self._file.write(memoryview(self._data)[:kept])
        self.packets += 1
        return True

    def dropped(self) -> int:
        """Packets that the kernel could not queue; reading it sets it back to zero (packet(7))."""
        _packets, drops = struct.unpack("=II", self.socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
        return int(drops)


def _wait_until_up(line: socket.socket) -> None:
    """A socket that is bound to a device that is down hears nothing; `internet network` may still be at work (netdevice(7))."""
    end = time.monotonic() + _UP_SECONDS
    while time.monotonic() < end:
        request = fcntl.ioctl(line, _SIOCGIFFLAGS, struct.pack("16s24x", b"lo"))
        if struct.unpack_from("=H", request, 16)[0] & _IFF_UP:
            return
        time.sleep(_UP_ROUND)


def run(path: Path, limit: int) -> int:
    """Capture until standard input ends; returns the exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it, in its order
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with path.open("wb", buffering=1 << 18) as file:
        capture = Capture(file, limit)
        sys.stdout.buffer.write(READY)
        sys.stdout.buffer.flush()
        _loop(capture, file)
        while not capture.cut and capture.drain(_BATCH):
            continue
        told = {"packets": capture.packets, "dropped": capture.dropped(), "cut": capture.cut}
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def _loop(capture: Capture, file: BinaryIO) -> None:
    while True:
        watched = [sys.stdin] if capture.cut else [sys.stdin, capture.socket]
        readable, _, _ = select.select(watched, [], [], _FLUSH_SECONDS)
        if sys.stdin in readable:
            return
        if capture.socket in readable:
            capture.drain(_BATCH)
        else:
            file.flush()
