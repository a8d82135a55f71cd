"""Redis (RESP 2 and 3): logins are taken, keys are kept while the connection lasts, and the server looks like an ordinary one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from internet.conversation import MalformedError
from internet.protocols.acts import Acts
from internet.protocols.lines import Lines

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services

_ARGUMENTS: Final = 1024
_ARGUMENT_BYTES: Final = 1 << 20
"""A longer one is skipped; Redis takes 512 MiB."""
_STORE_BYTES: Final = 4 << 20
"""Keys and values that are remembered."""
_QUEUED: Final = 4096
"""Commands of one transaction."""
_INFO: Final = (
    b"# Server\r\nredis_version:7.2.4\r\nredis_mode:standalone\r\nos:Linux 6.1.0 x86_64\r\ntcp_port:6379\r\n"
    b"# Replication\r\nrole:master\r\nconnected_slaves:0\r\n# Keyspace\r\n"
)
_SUBSCRIBED: Final = frozenset({b"SUBSCRIBE", b"PSUBSCRIBE"})
_OK: Final = b"+OK\r\n"
_NOTHING: Final = b"$-1\r\n"


async def serve_redis(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Answer commands until the client ends."""
    acts = Acts(talk, services, "redis", tls=tls)
    words, store = Lines(channel, first, acts), _Store()
    while (command := await read_command(words)) is not None:
        if not command:
            continue
        verb = command[0].upper()
        name = verb[:40].decode("ascii", "replace")
        if verb == b"AUTH" or (verb == b"HELLO" and b"AUTH" in (part.upper() for part in command[2:3])):
            acts.tell("AUTH", user=command[-2].decode("utf-8", "replace") if len(command) > 2 else "")
        elif verb not in {b"PING", b"HELLO", b"CLIENT", b"COMMAND", b"QUIT", b"ECHO"}:
            acts.tell(name, command[1] if len(command) > 1 else b"", sum(map(len, command[2:])))
        await channel.write(store.taken(verb, command[1:]))
        if verb == b"QUIT":
            return None
    return None


async def read_command(words: Lines) -> list[bytes] | None:
    """An array of bulk strings, or a line of words; None at the end. Raises MalformedError."""
    line = await words.line()
    if line is None:
        return None
    if not line.startswith(b"*"):
        return line.split()[:_ARGUMENTS]
    arguments = []
    for _ in range(_number(line[1:], _ARGUMENTS)):
        head = await words.line()
        if head is None or not head.startswith(b"$"):
            raise MalformedError("an argument without its length")
        size = _number(head[1:], 512 << 20)
        if size > _ARGUMENT_BYTES:
            await words.skip(size)
            arguments.append(b"")
        else:
            arguments.append(await words.exactly(size))
        await words.exactly(2)
    return arguments


def _number(text: bytes, most: int) -> int:
    if not text.isdigit() or len(text) > 9 or int(text) > most:
        raise MalformedError("a length or count that is none, or too large")
    return int(text)


class _Store:
    """What the client has put there."""

    def __init__(self) -> None:
        self._values: dict[bytes, bytes] = {}
        self._left = _STORE_BYTES
        self._three = False
        self._queued: list[bytes] | None = None

    def taken(self, verb: bytes, arguments: list[bytes]) -> bytes:
        """The answer to a command, which within a transaction comes at its end (MULTI, EXEC)."""
        if verb == b"MULTI":
            self._queued = []
            return _OK
        if self._queued is None:
            return self.answer(verb, arguments)
        if verb in {b"EXEC", b"DISCARD"}:
            answers, self._queued = self._queued, None
            return _array(answers) if verb == b"EXEC" else _OK
        self._queued.append(self.answer(verb, arguments))
        if len(self._queued) > _QUEUED:
            raise MalformedError("a transaction of too many commands")
        return b"+QUEUED\r\n"

    def answer(self, verb: bytes, arguments: list[bytes]) -> bytes:
        """The answer to a command."""
        key = arguments[0] if arguments else b""
        match verb:
            case b"PING" | b"ECHO":
                return _bulk(key) if arguments else b"+PONG\r\n"
            case b"SET" | b"SETEX" | b"SETNX" | b"APPEND" | b"GETSET":
                self._keep(key, arguments[-1] if len(arguments) > 1 else b"")
                return _OK
            case b"GET":
                return _bulk(self._values[key]) if key in self._values else _general(verb)
            case b"HELLO":
                self._three = key == b"3"
                return self._map(
                    [_bulk(b"server"), _bulk(b"redis"), _bulk(b"proto"), b":3\r\n" if self._three else b":2\r\n"]
                )
            case b"KEYS":
                return _array([_bulk(known) for known in self._values])
            case b"CONFIG" if key.upper() == b"GET" and len(arguments) > 1:
                return self._map([_bulk(arguments[1]), _bulk(b"")])
            case _ if verb in _SUBSCRIBED:
                return b"".join(
                    _array([_bulk(verb.lower()), _bulk(name), b":%d\r\n" % number])
                    for number, name in enumerate(arguments, 1)
                )
            case _:
                return _general(verb)

    def _map(self, items: list[bytes]) -> bytes:
        """Names and values, which RESP 3 has a kind of their own for."""
        return b"%%%d\r\n" % (len(items) // 2) + b"".join(items) if self._three else _array(items)

    def _keep(self, key: bytes, value: bytes) -> None:
        self._left -= len(key) + len(value)
        if self._left > 0:
            self._values[key] = value


def _general(verb: bytes) -> bytes:
    """Answers by what a command gives: a number, an array, nothing, or OK."""
    if verb in {
        b"DEL",
        b"EXISTS",
        b"PUBLISH",
        b"LPUSH",
        b"RPUSH",
        b"SADD",
        b"HSET",
        b"INCR",
        b"EXPIRE",
        b"DBSIZE",
        b"ZADD",
        b"LLEN",
    }:
        return b":1\r\n"
    if verb == b"INFO":
        return _bulk(_INFO)
    if verb in {b"COMMAND", b"HGETALL", b"LRANGE", b"SMEMBERS", b"MGET", b"ZRANGE", b"XREAD"}:
        return _array([])
    if verb in {b"GET", b"HGET", b"LPOP", b"RPOP", b"BLPOP", b"BRPOP"}:
        return _NOTHING
    return _OK


def _bulk(data: bytes) -> bytes:
    return b"$%d\r\n%s\r\n" % (len(data), data)


def _array(items: list[bytes]) -> bytes:
    return b"*%d\r\n" % len(items) + b"".join(items)
