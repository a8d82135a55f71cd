"""Takes the fields of an MQTT packet off its bytes."""

from __future__ import annotations

from internet.conversation import MalformedError


class Fields:
    """What is left of a packet's body; taking more than that raises MalformedError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, size: int) -> bytes:
        """So many bytes."""
        if self._at + size > len(self._data):
            raise MalformedError("a field is longer than its packet")
        part = self._data[self._at : self._at + size]
        self._at += size
        return part

    def number(self, size: int) -> int:
        """An unsigned number."""
        return int.from_bytes(self.take(size), "big")

    def text(self) -> bytes:
        """Bytes behind their length in two bytes."""
        return self.take(self.number(2))

    def properties(self) -> None:
        """Pass over version 5's properties, behind their length of seven bits a byte."""
        size = 0
        for shift in (0, 7, 14, 21):
            byte = self.number(1)
            size |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        self.take(size)

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self._data) - self._at)
