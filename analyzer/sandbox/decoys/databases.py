"""SQLite databases of browsers, made by SQLite itself in memory."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from analyzer.sandbox.decoys.schema import Database
from analyzer.sandbox.decoys.templates import Filler

_TABLE: Final = re.compile(r"\w+")
_MARK: Final = b"v10"


def make(database: Database, filler: Filler) -> bytes:
    """The bytes of the database's file. Raises sqlite3.Error where the data file has a mistake."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(_shape(database.tables, database.version))
        for table, rows in database.rows.items():
            if not _TABLE.fullmatch(table):
                raise sqlite3.ProgrammingError(f"{table!r} is no name of a table")
            for row in rows:
                values = [_value(value, filler) for value in row]
                marks = ",".join("?" * len(values))
                connection.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608 a name, checked above
        connection.commit()
        return connection.serialize()
    finally:
        connection.close()


@cache
def _shape(tables: str, version: int) -> bytes:
    """The database without rows, made once in a process."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(f"PRAGMA user_version={version};{tables}")
        return connection.serialize()
    finally:
        connection.close()


def _value(value: Any, filler: Filler) -> Any:
    if isinstance(value, str):
        return filler.fill(value)
    if isinstance(value, dict):
        kind, template = next(iter(value.items()))
        text = filler.fill(template)
        return _sealed(text) if kind == "sealed" else text.encode("latin-1")
    return value


def _sealed(text: str) -> bytes:
    """As Chromium encrypts on a desktop without a keyring (components/os_crypt/os_crypt_linux.cc): AES-128-CBC under a known password."""
    key = hashlib.pbkdf2_hmac("sha1", b"peanuts", b"saltysalt", 1, 16)
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(b" " * 16)).encryptor()
    padded = padder.update(text.encode()) + padder.finalize()
    return _MARK + encryptor.update(padded) + encryptor.finalize()
