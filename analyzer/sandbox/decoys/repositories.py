"""Git repositories of one commit, as git itself writes them (gitrepository-layout(5), gitformat-index(5))."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator

_FILE, _FOLDER = b"100644", b"40000"
_FILE_BITS = 0o100644
_HEAD = b"ref: refs/heads/main\n"
_DESCRIPTION = b"Unnamed repository; edit this file 'description' to name the repository.\n"


def files(contents: dict[str, bytes], author: str, message: str, time: int) -> Iterator[tuple[str, bytes]]:
    """Paths below `.git`, and what is in these files, of a commit with these contents by path; `time` is in seconds since 1970.

    Folders one level deep are enough for what is planted.
    """
    objects: dict[str, bytes] = {}
    folders: dict[str, dict[str, bytes]] = {}
    for path, content in contents.items():
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, {})[name] = content
    root = {name: (_FILE, _add(objects, b"blob", content)) for name, content in folders.pop("", {}).items()}
    for folder, inside in folders.items():
        root[folder] = (
            _FOLDER,
            _tree(objects, {name: (_FILE, _add(objects, b"blob", one)) for name, one in inside.items()}),
        )
    signed = f"{author} {time} +0000"
    commit = f"tree {_tree(objects, root).hex()}\nauthor {signed}\ncommitter {signed}\n\n{message}\n"
    head = _add(objects, b"commit", commit.encode()).hex()
    yield "HEAD", _HEAD
    yield "description", _DESCRIPTION
    yield "refs/heads/main", f"{head}\n".encode()
    yield "refs/remotes/origin/main", f"{head}\n".encode()
    yield "logs/HEAD", f"{'0' * 40} {head} {signed}\tcommit (initial): {message}\n".encode()
    yield "index", _index({path: _digest(b"blob", content) for path, content in contents.items()})
    yield from objects.items()


def _tree(objects: dict[str, bytes], entries: dict[str, tuple[bytes, bytes]]) -> bytes:
    ordered = sorted(entries.items(), key=lambda entry: entry[0] + ("/" if entry[1][0] == _FOLDER else ""))
    return _add(
        objects, b"tree", b"".join(mode + b" " + name.encode() + b"\0" + digest for name, (mode, digest) in ordered)
    )


def _index(digests: dict[str, bytes]) -> bytes:
    """The index of these files by path. It says nothing of their times and sizes, which git then looks up."""
    entries = [
        struct.pack(">10I20sH", 0, 0, 0, 0, 0, 0, _FILE_BITS, 0, 0, 0, digests[path], len(path)) + path.encode()
        for path in sorted(digests)
    ]
    body = (
        b"DIRC" + struct.pack(">2I", 2, len(entries)) + b"".join(entry + bytes(8 - len(entry) % 8) for entry in entries)
    )
    return body + hashlib.sha1(body, usedforsecurity=False).digest()


def _add(objects: dict[str, bytes], kind: bytes, content: bytes) -> bytes:
    """Adds an object; gives its digest."""
    digest = _digest(kind, content)
    name = digest.hex()
    objects[f"objects/{name[:2]}/{name[2:]}"] = zlib.compress(_whole(kind, content), 1)
    return digest


def _digest(kind: bytes, content: bytes) -> bytes:
    """Git names objects by SHA-1."""
    return hashlib.sha1(_whole(kind, content), usedforsecurity=False).digest()


def _whole(kind: bytes, content: bytes) -> bytes:
    return kind + b" " + str(len(content)).encode() + b"\0" + content
