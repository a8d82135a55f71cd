"""Well-known clients, each in its ordinary exchange with a server of the simulated internet, and what the report says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.model.report import Report
from analyzer.sandbox.interface import Manner
from tests.integration.analysing import SANDBOXES, report_of
from tests.packages import make_wheel

pytestmark = pytest.mark.index

REQUIREMENTS = (
    "aiohttp==3.13.2", "dnspython==2.8.0", "httpx[http2]==0.28.1", "paho-mqtt==2.1.0", "paramiko==4.0.0", "requests==2.32.5",
    "urllib3==2.5.0", "websockets==15.0.1",
)  # fmt: skip

COMMON = """
import subprocess

def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout + done.stderr
"""

CLIENTS = {
    "requests": """
import requests
answer = requests.post("https://requests.example/page", json={"a": 1}, timeout=10)
assert answer.status_code == 200, answer
""",
    "httpx": """
import httpx
assert httpx.get("https://httpx.example/page").status_code == 200
with httpx.Client(http2=True) as client:
    answer = client.get("https://httpx.example/second")
assert (answer.status_code, answer.http_version) == (200, "HTTP/2"), answer.http_version
""",
    "aiohttp": """
import asyncio, aiohttp
async def main():
    async with aiohttp.ClientSession() as session:
        async with session.get("https://aiohttp.example/page") as answer:
            assert answer.status == 200, answer
            await answer.read()
asyncio.run(main())
""",
    "urllib3": """
import urllib3
assert urllib3.PoolManager().request("GET", "https://urllib3.example/page", retries=False).status == 200
""",
    "curl": """
from clients.common import run
code, said = run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "https://curl.example/page")
assert (code, said) == (0, "200"), said
""",
    "git": """
from clients.common import run
url = "https://git.example/alex/project.git"
run("git", "ls-remote", url)
run("git", "clone", "--template=", url, "/tmp/clone")
run("git", "init", "-q", "--template=", "/tmp/repository")
code, said = run("git", "-C", "/tmp/repository", "fetch", url, "main")
assert "certificate" not in said.lower(), said
""",
    "mqtt": """
import ssl
import paho.mqtt.client as mqtt
for port in (1883, 8883):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="sensor-1")
    if port == 8883:
        client.tls_set()
    assert client.connect("mqtt.example", port, keepalive=10) == mqtt.MQTT_ERR_SUCCESS
    client.loop_start()
    client.publish("sensors/1", b"21.5", qos=1).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()
""",
    "smtp": """
import smtplib, ssl
with smtplib.SMTP("smtp.example", 587, timeout=10) as client:
    client.starttls(context=ssl.create_default_context())
    client.login("alex", "not a password")
    client.sendmail("alex@a.example", ["sam@b.example"], "Subject: hello\\r\\n\\r\\nhello")
""",
    "ssh": """
import paramiko
client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
client.connect("ssh.example", username="alex", password="not a password", timeout=10, look_for_keys=False, allow_agent=False)
client.close()
""",
    "websocket": """
from websockets.sync.client import connect
with connect("wss://websocket.example/feed") as line:
    line.send("hello")
""",
    "dns": """
import dns.message, dns.query, dns.resolver
dns.resolver.resolve("dnspython.example", "TXT")
dns.query.tcp(dns.message.make_query("tcp.dnspython.example", "A"), "192.0.2.53", timeout=10)
dns.query.https(dns.message.make_query("https.dnspython.example", "A"), "https://doh.example/dns-query", timeout=10)
""",
    "bundled": """
import os, ssl, urllib.request
for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
    os.environ.pop(name, None)
import certifi, requests
assert requests.get("https://certifi.example/", timeout=10).status_code == 200
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(capath="/etc/ssl/certs")
urllib.request.urlopen("https://folder.example/", context=context)
""",
    "refusing": """
import ssl, urllib.error, urllib.request
try:
    urllib.request.urlopen("https://refusing.example/", context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
except urllib.error.URLError as error:
    assert isinstance(error.reason, ssl.SSLCertVerificationError), error
else:
    raise AssertionError("it did not refuse")
""",
}
"""Modules of one package, each a client that raises where it is not served."""

HTTP = {
    "requests": ("POST", "https://requests.example/page"),
    "httpx": ("GET", "https://httpx.example/page"),
    "httpx over HTTP/2": ("GET", "https://httpx.example/second"),
    "aiohttp": ("GET", "https://aiohttp.example/page"),
    "urllib3": ("GET", "https://urllib3.example/page"),
    "curl": ("GET", "https://curl.example/page"),
    "certificates of a library": ("GET", "https://certifi.example/"),
    "certificates of the system's folder": ("GET", "https://folder.example/"),
    "git": ("GET", "https://git.example/alex/project.git/info/refs?service=git-upload-pack"),
}

ACTS = {
    "paho-mqtt": ("mqtt", "PUBLISH", "sensors/1", {False, True}),
    "smtplib": ("smtp", "RCPT", "sam@b.example", {True}),
    "paramiko": ("ssh", "AUTH", "alex@", {False}),
    "websockets": ("websocket", "message", "websocket.example/feed", {True}),
}
"""Protocol, verb, part of the URL, and whether it is inside TLS."""


@pytest.fixture(scope="module", params=SANDBOXES)
def report(request: pytest.FixtureRequest, cache_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of the package of clients."""
    modules = {f"clients/client_{name}.py": text for name, text in CLIENTS.items()}
    wheel = make_wheel(
        tmp_path_factory.mktemp("wheel"),
        "clients",
        modules={"clients/__init__.py": "", "clients/common.py": COMMON, **modules},
        requires=REQUIREMENTS,
    )
    return report_of(wheel, request.param, "kernel", cache_directory, Manner(callables=False))


def test_all_are_served(report: Report) -> None:
    assert report.completeness.status == "complete", report.completeness.reasons
    detail = next(phase.detail for phase in report.phases if phase.name == "import")
    assert detail == f"{len(CLIENTS) + 2} of {len(CLIENTS) + 2} modules imported"


@pytest.mark.parametrize("name", HTTP)
def test_http_is_told_with_its_url(report: Report, name: str) -> None:
    assert HTTP[name] in {(one.method, one.url) for one in report.network.http}


@pytest.mark.parametrize("name", ACTS)
def test_other_protocols_are_told_with_what_they_are_about(report: Report, name: str) -> None:
    protocol, verb, part, tls = ACTS[name]
    acts = [one for one in report.network.exchanges if (one.protocol, one.verb) == (protocol, verb) and part in one.url]
    assert {one.tls for one in acts} == tls, [(one.protocol, one.verb, one.url) for one in report.network.exchanges]


def test_names_are_told_with_the_way_they_were_asked_for(report: Report) -> None:
    asked = {(one.name, one.type, one.transport) for one in report.network.dns}
    assert {
        ("dnspython.example", "TXT", "udp"), ("tcp.dnspython.example", "A", "tcp"), ("https.dnspython.example", "A", "https"),
    } <= asked  # fmt: skip


def test_the_certificates_of_libraries_are_not_told_as_changed(report: Report) -> None:
    files = report.files
    changed = [*files.created, *files.modified, *files.deleted, *files.renamed]
    assert [one.path for one in changed if one.path.endswith(".pem")] == []


def test_tls_is_seen_through_but_for_the_client_that_refuses(report: Report) -> None:
    facts = [one.tls for one in report.network.connections if one.tls is not None]
    assert {one.name for one in facts if one.status != "seen-through"} == {"refusing.example"}
    assert {one.status for one in facts if one.name == "refusing.example"} == {"pinned"}
    assert all(one.ja4.startswith("t13d") for one in facts)
    assert {one.alpn for one in facts if one.name == "httpx.example"} == {"http/1.1", "h2"}
