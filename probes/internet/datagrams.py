"""UDP on any address and port: DNS, NTP and STUN are answered as such, anything else with an echo of a few bytes.

A reply has to come from the address and port that the client wrote to. It is sent through a raw socket, because binding
an ordinary one there fails whenever the client has bound that port on all addresses, as peer-to-peer programs do.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import TYPE_CHECKING, Final

from internet.addresses import packed, plain
from internet.recognise import is_query
from internet.settings import LISTENER_PORT, MARK
from internet.wire import Address, Udp

if TYPE_CHECKING:
    from internet.conversation import Services

_BATCH: Final = 64
_DATAGRAM: Final = 65_535
_ECHO: Final = 16
_QUESTION: Final = 16
"""A DNS message with a question is longer, in bytes."""
_IP_RECVORIGDSTADDR: Final = 20  # linux/in.h; not in the socket module of 3.11
_IPV6_TRANSPARENT: Final = 75  # linux/in6.h
_IPV6_RECVORIGDSTADDR: Final = 74
_IPV6_HDRINCL: Final = 36
_STUN_COOKIE: Final = b"\x21\x12\xa4\x42"  # RFC 8489, section 5
_NTP_EPOCH: Final = 2_208_988_800  # seconds from 1900 to 1970 (RFC 5905, section 6)


class Datagrams:
    """The UDP listener of one address family; `ready` is to be called when its `socket` can be read."""

    def __init__(self, services: Services, family: socket.AddressFamily) -> None:
        self._services = services
        self._family = family
        self.socket = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._raw = socket.socket(family, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.IPPROTO_RAW)
        self._raw.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, MARK)
        if family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            self.socket.setsockopt(socket.IPPROTO_IPV6, _IPV6_TRANSPARENT, 1)
            self.socket.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVORIGDSTADDR, 1)
            self._raw.setsockopt(socket.IPPROTO_IPV6, _IPV6_HDRINCL, 1)
        else:
            self.socket.setsockopt(socket.SOL_IP, socket.IP_TRANSPARENT, 1)
            self.socket.setsockopt(socket.SOL_IP, _IP_RECVORIGDSTADDR, 1)
        self.socket.bind(("", LISTENER_PORT))

    def ready(self) -> None:
        """Take and answer what has come."""
        for _ in range(_BATCH):
            try:
                data, ancillary, _flags, peer = self.socket.recvmsg(_DATAGRAM, 128)
            except BlockingIOError:
                return
            server = next((found for item in ancillary if (found := original_destination(*item))), None)
            if server is not None:
                self._take(data, (plain(peer[0]), peer[1]), server)

    def _take(self, data: bytes, client: Address, server: Address) -> None:
        asked = server[1] == 53 or (len(data) > _QUESTION and is_query(data))
        answer = self._dns(data, client, server) if asked else self._other(data, client, server)
        if not answer:
            return
        try:
            self._raw.sendto(datagram(server, client, answer), (client[0], 0))
        except OSError as error:
            self._services.recorder.limit(
                f"a datagram to {server[0]} port {server[1]} was not answered: {error.strerror}"
            )

    def _dns(self, data: bytes, client: Address, server: Address) -> bytes:
        return self._services.resolve(data, "udp", client, server, datagram=True).data

    def _other(self, data: bytes, client: Address, server: Address) -> bytes:
        seen = client[0] if ":" in client[0] else self._services.answers.address
        answer, protocol = stun_answer(data, (seen, client[1])), "stun"
        if not answer and server[1] == 123:
            answer, protocol = ntp_answer(data), "ntp"
        head = data[: self._services.limits.head_bytes]
        protocol = protocol if answer else "unknown"
        self._services.recorder.write(Udp(time.time(), client, server, len(data), protocol, head))
        return answer or data[:_ECHO] or b"\0"

    def close(self) -> None:
        """Close both sockets."""
        self.socket.close()
        self._raw.close()


def original_destination(level: int, kind: int, data: bytes) -> Address | None:
    """The address and port that a client wrote to, from a control message (sockaddr_in or sockaddr_in6)."""
    if (level, kind) == (socket.SOL_IP, _IP_RECVORIGDSTADDR) and len(data) >= 8:
        return socket.inet_ntop(socket.AF_INET, data[4:8]), int.from_bytes(data[2:4], "big")
    if (level, kind) == (socket.IPPROTO_IPV6, _IPV6_RECVORIGDSTADDR) and len(data) >= 24:
        return socket.inet_ntop(socket.AF_INET6, data[8:24]), int.from_bytes(data[2:4], "big")
    return None


def ntp_answer(request: bytes) -> bytes:
    """A stratum 2 server's answer with the current time (RFC 5905, section 7.3); b"" to what is no client's request."""
    if len(request) < 48 or request[0] & 7 != 3:
        return b""
    now = time.time()
    stamp = struct.pack("!II", (int(now) + _NTP_EPOCH) & 0xFFFFFFFF, int(now % 1 * 2**32))
    version = request[0] & 0x38
    head = struct.pack("!BBbbII4s", version | 4, 2, request[2] % 128, -23, 0x0200, 0x0300, bytes((203, 0, 113, 10)))
    return head + stamp + request[40:48] + stamp + stamp


def stun_answer(request: bytes, client: Address) -> bytes:
    """Tells the client of a STUN binding request its address (RFC 8489, sections 5, 6.3.1 and 14.2); b"" to anything else."""
    if len(request) < 20 or request[:2] != b"\0\1" or request[4:8] != _STUN_COOKIE:
        return b""
    address = packed(client[0])
    key = request[4:20]
    port = (client[1] ^ int.from_bytes(_STUN_COOKIE[:2], "big")).to_bytes(2, "big")
    hidden = bytes(octet ^ pad for octet, pad in zip(address, key, strict=False))
    value = bytes((0, 1 if len(address) == 4 else 2)) + port + hidden
    attribute = struct.pack("!HH", 0x0020, len(value)) + value
    return struct.pack("!HH", 0x0101, len(attribute)) + key + attribute


def datagram(source: Address, destination: Address, payload: bytes) -> bytes:
    """An IP packet with a UDP datagram; of IPv4's header the kernel fills in length, identifier and checksum."""
    begin, end = packed(source[0]), packed(destination[0])
    size = 8 + len(payload)
    header = struct.pack("!HHHH", source[1], destination[1], size, 0)
    check = _checksum(begin + end + struct.pack("!II", size, socket.IPPROTO_UDP) + header + payload) or 0xFFFF
    udp = header[:6] + check.to_bytes(2, "big") + payload
    if len(begin) == 4:
        return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + size, 0, 0x4000, 64, socket.IPPROTO_UDP, 0, begin, end) + udp
    return struct.pack("!IHBB16s16s", 6 << 28, size, socket.IPPROTO_UDP, 64, begin, end) + udp


def _checksum(data: bytes) -> int:
    """The internet checksum (RFC 1071)."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
