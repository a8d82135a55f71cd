"""Which answer a request gets, of those that come along and of a user's."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from internet.answers import Answers
from internet.made import PLACE, elf, make, script
from internet.pages import Page, choose

from analyzer.sandbox.answers.schema import MADE
from tests.unit.internet.talking import shipped

JSON = (("accept", "application/json"),)


def get(host: str, target: str, *headers: tuple[str, str], method: str = "GET") -> Page:
    return choose(shipped(), method, host, target, headers)


@pytest.mark.parametrize(
    ("method", "host", "target", "headers", "media_type", "begin"),
    [
        ("GET", "a.example", "/", (), "text/html; charset=utf-8", b"<!doctype html>"),
        ("GET", "a.example", "/data", JSON, "application/json", b"{"),
        ("GET", "a.example", "/graphql?x=1", (), "application/json", b"{"),
        ("GET", "a.example", "/install.sh", (), "application/x-sh", b"#!/bin/sh\n# build "),
        ("GET", "a.example", "/a/b.PY?raw=1", (), "text/x-python", b"# build "),
        ("GET", "a.example", "/a.zip", (), "application/zip", b"PK\x03\x04"),
        ("GET", "a.example", "/a.tar.gz", (), "application/gzip", b"\x1f\x8b"),
        ("GET", "a.example", "/a.exe", (), "application/octet-stream", b"MZ"),
        ("GET", "a.example", "/v2/download", (), "application/octet-stream", b"\x7fELF"),
        ("GET", "a.example", "/logo.png", (), "image/png", b"\x89PNG"),
        ("HEAD", "a.example", "/install.sh", (), "application/x-sh", b"#!/bin/sh"),
        ("PUT", "a.example", "/install.sh", (), "application/json", b'{"status":"ok"}'),
        ("BREW", "a.example", "/pot", (), "text/html; charset=utf-8", b"<"),
        ("GET", "pastebin.com", "/raw/k3V", (), "text/plain; charset=utf-8", b"# build "),
        ("GET", "ip-api.com", "/json", (), "application/json", b'{"status":"success"'),
        ("GET", "checkip.dyndns.org", "/", (), "text/html", b"<html><head><title>Current IP Check"),
        ("GET", "api.telegram.org", "/bot1:a/getMe", (), "application/json", b'{"ok":true,"result":{"id":'),
        (
            "POST",
            "api.telegram.org",
            "/bot1:a/sendDocument",
            (),
            "application/json",
            b'{"ok":true,"result":{"message_id"',
        ),
        ("POST", "discord.com", "/api/webhooks/1/a?wait=true", (), "application/json", b'{"id":'),
        ("GET", "discord.com", "/api/webhooks/77/a", (), "application/json", b'{"type":1,"id":"77"'),
        ("PUT", "transfer.sh", "/a.txt", (), "text/plain", b"https://transfer.sh/"),
    ],
)
def test_pages(
    method: str, host: str, target: str, headers: tuple[tuple[str, str], ...], media_type: str, begin: bytes
) -> None:
    page = get(host, target, *headers, method=method)
    assert (page.status, page.media_type) == (200, media_type)
    assert page.body.startswith(begin)


@pytest.mark.parametrize(
    ("method", "host", "target", "status"),
    [
        ("GET", "a.example", "/simple/sample/", 404),
        ("GET", "a.example", "/pypi/sample/json", 404),
        ("GET", "registry.a.example", "/sample", 404),
        ("POST", "a.example", "/legacy/", 200),
        ("POST", "discord.com", "/api/webhooks/1/a", 204),
        ("GET", "bit.ly", "/3abc", 302),
        ("OPTIONS", "a.example", "/", 204),
        ("GET", "metadata.google.internal", "/computeMetadata/v1/project/project-id", 403),
        ("GET", "169.254.169.254", "/metadata/instance", 400),
        ("GET", "169.254.169.254", "/latest/meta-data/nothing", 404),
    ],
)
def test_statuses(method: str, host: str, target: str, status: int) -> None:
    assert get(host, target, method=method).status == status


def test_the_address_told_is_one_of_documentation() -> None:
    address = shipped().address
    assert address.startswith("192.0.2.")
    for host, target in (("api.ipify.org", "/"), ("ifconfig.me", "/ip"), ("ident.me", "/")):
        assert get(host, target).body.decode().strip() == address
    assert json.loads(get("api.ipify.org", "/?format=json").body) == {"ip": address}
    assert json.loads(get("ip-api.com", "/json").body)["query"] == address


def test_a_redirection_leads_to_a_program() -> None:
    place = dict(get("bit.ly", "/3abc").fields)["Location"]
    _, _, rest = place.partition("://")
    host, _, path = rest.partition("/")
    assert get(host, f"/{path}").body.startswith(b"\x7fELF")


def test_cloud_credentials_are_given_in_their_forms() -> None:
    token = get("169.254.169.254", "/latest/api/token", method="PUT")
    assert len(token.body) == 57
    role = get("169.254.169.254", "/latest/meta-data/iam/security-credentials/").body.decode()
    keys = json.loads(get("169.254.169.254", f"/latest/meta-data/iam/security-credentials/{role}").body)
    assert keys["AccessKeyId"].startswith("ASIA")
    assert len(keys["AccessKeyId"]) == 20
    assert len(keys["SecretAccessKey"]) == 40
    google = get(
        "metadata.google.internal",
        "/computeMetadata/v1/instance/service-accounts/default/token",
        ("metadata-flavor", "Google"),
    )
    assert json.loads(google.body)["access_token"].startswith("ya29.")
    azure = get("169.254.169.254", "/metadata/identity/oauth2/token?resource=x", ("metadata", "true"))
    assert json.loads(azure.body)["access_token"].count(".") == 2
    assert json.loads(get("169.254.170.2", "/v2/credentials/5d2c").body)["RoleArn"].startswith("arn:aws:iam::")


def test_no_answer_of_json_is_broken_by_what_was_asked() -> None:
    for target in ('/repos/a"b/c\\d/releases/latest', "/repos/{mark}/{x}/contents/\u00e9", "/repos/a/b\x00c"):
        page = get("api.github.com", target)
        json.loads(page.body)
        assert page.status == 200


# --- what bears a mark ---


def test_a_mark_is_of_its_place_and_run() -> None:
    first, other = shipped(), Answers({"format": 1, "key": "00" * 16})
    assert first.mark("a.example/x") == first.mark("a.example/x") != first.mark("b.example/x")
    assert first.mark("a.example/x") != other.mark("a.example/x")


@pytest.mark.parametrize(
    "target", ["/x.sh", "/x.py", "/x.exe", "/x.zip", "/x.pl", "/x.js", "/x.tar", "/download/x", "/raw/x", "/x.pdf"]
)
def test_a_served_program_bears_its_mark(target: str) -> None:
    page = get("a.example", target)
    assert page.mark
    assert page.mark.encode() in page.body


def test_a_page_without_a_mark_names_none() -> None:
    assert get("a.example", "/").mark == ""


def asked(program: list[str], tmp_path: Path) -> str:
    """The files that a program asks for, as strace saw it."""
    log = tmp_path / "log"
    done = subprocess.run(["strace", "-f", "-o", log, "-e", "trace=access,faccessat,faccessat2", *program], timeout=60)
    assert done.returncode == 0
    return log.read_text()


@pytest.mark.embedded
def test_what_is_made_runs_and_asks_for_the_mark(tmp_path: Path) -> None:
    program, text = tmp_path / "a", tmp_path / "b"
    program.write_bytes(elf("00112233aabbccdd"))
    program.chmod(0o755)
    text.write_bytes(script("00112233aabbccdd"))
    archive = tmp_path / "c.zip"
    archive.write_bytes(make("zip", "00112233aabbccdd"))
    for command in (
        [str(program)],
        ["sh", str(text)],
        ["bash", str(text)],
        [sys.executable, str(text)],
        [sys.executable, str(archive)],
    ):
        assert f"{PLACE}00112233aabbccdd" in asked(command, tmp_path), command


def test_all_kinds_can_be_made_for_both_machines() -> None:
    for kind in MADE:
        assert make(kind, "ab" * 8)
    assert {elf("ab" * 8, machine)[18] for machine in ("x86_64", "aarch64")} == {62, 183}
    assert zipfile.ZipFile(io.BytesIO(make("zip", "ab" * 8))).testzip() is None
    with tarfile.open(fileobj=io.BytesIO(make("tar.gz", "ab" * 8))) as archive:
        assert [member.name for member in archive] == [
            "build-abababababababab/install.sh",
            "build-abababababababab/__main__.py",
        ]


# --- a user's own ---


def own(*answers: dict[str, object], **content: object) -> Answers:
    return Answers({"format": 1, "answers": list(answers), **content})


@pytest.mark.parametrize(
    ("condition", "asked", "fits"),
    [
        ({"hosts": ["a.example"]}, ("GET", "A.example", "/", ()), True),
        ({"hosts": ["a.example"]}, ("GET", "b.a.example", "/", ()), False),
        ({"hosts": [".a.example"]}, ("GET", "b.a.example", "/", ()), True),
        ({"hosts": [".a.example"]}, ("GET", "ba.example", "/", ()), False),
        ({"hosts": ["api.*"]}, ("GET", "api.b.example", "/", ()), True),
        ({"paths": ["/a/*/c"]}, ("GET", "x", "/a/b/c?d", ()), True),
        ({"paths": ["/a/*/c"]}, ("GET", "x", "/a/b/b/c", ()), False),
        ({"paths": ["/a/**"]}, ("GET", "x", "/a/b/b/c", ()), True),
        ({"paths": ["/a.b"]}, ("GET", "x", "/aXb", ()), False),
        ({"suffixes": [".sh"]}, ("GET", "x", "/A.SH?x", ()), True),
        ({"suffixes": [".sh"]}, ("GET", "x", "/a?x=.sh", ()), False),
        ({"methods": ["GET"]}, ("HEAD", "x", "/", ()), True),
        ({"methods": ["PUT"]}, ("GET", "x", "/", ()), False),
        ({"headers": {"accept": "json"}}, ("GET", "x", "/", JSON), True),
        ({"headers": {"accept": "xml"}}, ("GET", "x", "/", JSON), False),
        ({"query": "format=json"}, ("GET", "x", "/?Format=JSON", ()), True),
        ({"query": "format=json"}, ("GET", "x", "/format=json", ()), False),
    ],
)
def test_conditions(
    condition: dict[str, object], asked: tuple[str, str, str, tuple[tuple[str, str], ...]], fits: bool
) -> None:
    assert (own(condition).find(*asked) is not None) is fits


def test_the_first_that_fits_is_taken_and_files_come_before() -> None:
    answers = own({"paths": ["/a"], "text": "one"}, {"text": "two"}, files={"a.example": {"/a b": ["0", "text/plain"]}})
    assert choose(answers, "GET", "a.example", "/a", ()).body == b"one"
    assert choose(answers, "GET", "a.example", "/b", ()).body == b"two"
    found = answers.find("GET", "a.example", "/a%20b", ())
    assert found is not None
    assert (found.file, found.type) == ("0", "text/plain")


def test_a_file_is_served_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers/0").write_bytes(b"\x00{mark}")
    content = {"format": 1, "answers": [{"file": "0", "type": "a/b"}, {"paths": ["/x"]}]}
    (tmp_path / "answers.json").write_text(json.dumps(content))
    assert choose(Answers.read(tmp_path), "GET", "x", "/", ()) == Page(200, "a/b", b"\x00{mark}")
    (tmp_path / "answers/0").unlink()
    assert choose(Answers.read(tmp_path), "GET", "x", "/", ()).status == 404


def test_without_a_file_there_are_no_answers_and_another_format_is_refused(tmp_path: Path) -> None:
    assert choose(Answers.read(tmp_path), "GET", "x", "/", ()) == Page(200, "text/html; charset=utf-8")
    assert choose(Answers.read(tmp_path), "POST", "x", "/", ()).body == b'{"status":"ok"}'
    assert not Answers.read(tmp_path).off
    (tmp_path / "answers.json").write_text('{"format": 2}')
    with pytest.raises(ValueError, match="format 2, this program reads 1"):
        Answers.read(tmp_path)


def test_names_have_the_records_laid_down() -> None:
    answers = own(dns=[{"name": ".a.example", "type": "TXT", "answers": ['"x"']}])
    assert answers.records("b.a.example", "TXT") == ('"x"',)
    assert answers.records("b.a.example", "A") is None
    assert answers.records("b.example", "TXT") is None


@given(st.binary(max_size=300), st.text(max_size=40), st.sampled_from(["GET", "POST", "HEAD", "\x00"]))
def test_whatever_is_asked_is_answered(target: bytes, host: str, method: str) -> None:
    page = choose(shipped(), method, host, target.decode("latin-1"), (("accept", "*/*"), ("range", "bytes=0-")))
    assert 200 <= page.status < 600


@given(st.text(alphabet="bytes=-0123456789 ,", max_size=20))
def test_a_part_is_within_the_whole(asked: str) -> None:
    whole = get("a.example", "/x.sh").body
    page = get("a.example", "/x.sh", ("range", asked))
    assert page.status in {200, 206, 416}
    if page.status == 206:
        first, last = dict(page.fields)["Content-Range"].removeprefix("bytes ").partition("/")[0].split("-")
        assert page.body == whole[int(first) : int(last) + 1] != b""
