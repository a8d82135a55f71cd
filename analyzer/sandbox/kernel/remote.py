"""The recorder as a program of its own, for an analyzer that may not load programs into the kernel.

```
python3 -m analyzer.sandbox.kernel.remote SOCKET OBJECT
```

It connects to the analyzer's socket, loads the object with the table that comes first, and then answers requests until the connection
ends, which it does with the analyzer, however that ends. It needs the standard library alone, and no file but these: the analyzer opens
each log, and hands over the descriptor.

Each message is a packet of JSON on a Unix socket that keeps packets apart. A request is `{"id", "do", …}` with the arguments of the method
of `Recorder` that `do` names (and for `load` the table, entries as hexadecimal); the answer is `{"id", "missing", "answer"}` or
`{"id", "error"}`.
"""

from __future__ import annotations

import json
import socket
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel.interface import Scope
from analyzer.sandbox.kernel.loader import KernelTracer

MOST: Final = 128 * 1024
"""Bytes of one message: three times those of the whole table."""


def main() -> int:
    """Serves one analyzer; gives the exit status."""
    _, address, program = sys.argv
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(address)
        request, _ = _receive(connection)
        table = {int(index): bytes.fromhex(entry) for index, entry in request["table"].items()}
        try:
            tracer = KernelTracer(Path(program), table)
        except SandboxError as error:
            _send(connection, {"id": request["id"], "error": str(error)})
            return 1
        with tracer:
            _send(connection, {"id": request["id"], "missing": tracer.missing, "answer": None})
            while True:
                request, descriptors = _receive(connection)
                if not request:
                    return 0
                _send(connection, {"id": request["id"], **_answer(tracer, request, descriptors)})


def _answer(tracer: KernelTracer, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
    try:
        answer = _do(tracer, request, descriptors)
    except SandboxError as error:
        return {"error": str(error)}
    except OSError as error:
        return {"error": f"the kernel tracer cannot write its log: {error.strerror}"}
    return {"missing": tracer.missing, "answer": answer}


def _do(tracer: KernelTracer, request: dict[str, Any], descriptors: list[int]) -> Any:
    match request["do"]:
        case "namespaces":
            return tracer.namespaces(request["pid"])
        case "watch":
            scope = {one.name: request[one.name] for one in fields(Scope)}
            return tracer.watch_into(descriptors[0], Scope(**scope))
        case "unwatch":
            account = tracer.unwatch(request["recording"])
            return [account.records, account.lost, account.failure]
        case "watch_clock":
            return tracer.watch_clock(Path(request["libc"]))
        case unknown:
            raise SandboxError(f"the kernel tracer knows no request {unknown}")


def _receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """The next request, empty at the connection's end, and the descriptors that came with it."""
    packet, descriptors, _, _ = socket.recv_fds(connection, MOST, 1)
    return (json.loads(packet) if packet else {}), descriptors


def _send(connection: socket.socket, answer: dict[str, Any]) -> None:
    connection.sendall(json.dumps(answer).encode())


if __name__ == "__main__":
    sys.exit(main())
