from __future__ import annotations

import base64
import json
import re
import sqlite3
import subprocess
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key, load_ssh_public_key

from analyzer.sandbox import decoys
from analyzer.sandbox.decoys.schema import check, load
from analyzer.sandbox.decoys.values import KINDS

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def planted() -> decoys.Decoys:
    return decoys.make()


def content(entry: dict[str, Any]) -> bytes:
    return base64.b64decode(entry["base64"], validate=True) if "base64" in entry else entry["text"].encode()


def contents(planted: decoys.Decoys) -> dict[str, bytes]:
    return {entry["path"]: content(entry) for entry in planted.files}


def only(found: dict[str, bytes], ending: str) -> bytes:
    (path,) = [path for path in found if path.endswith(ending)]
    return found[path]


def test_the_data_is_valid() -> None:
    check(list(load()))


def test_every_run_has_its_own_values(planted: decoys.Decoys) -> None:
    first, second = ({secret.value for secret in one.secrets} for one in (planted, decoys.make()))
    assert not first & second
    assert len(first) >= 170


def test_every_file_is_one_that_can_be_written(planted: decoys.Decoys) -> None:
    paths = [entry["path"] for entry in planted.files]
    assert len(set(paths)) == len(paths)
    for entry in planted.files:
        assert set(entry) - {"text", "base64"} == {"path", "mode", "changed"}
        assert ("text" in entry) != ("base64" in entry)
        assert not entry["path"].startswith(("/", ".."))
        assert re.fullmatch(r"[0-7]{3}", entry["mode"])
    folders = {str(parent) for path in paths for parent in Path(path).parents}
    assert not folders & set(paths)


def test_no_place_is_left_unfilled(planted: decoys.Decoys) -> None:
    kinds = "|".join([*KINDS, "same", "public", *(name for document in load() for name in document.names)])
    for path, data in contents(planted).items():
        if not path.endswith(".log"):
            assert not re.search(rf"\{{({kinds})(:[^{{}}]*)?\}}".encode(), data), path
    for name, value in planted.environment.items():
        assert not set("{}") & set(value), name


def test_times_are_spread_over_years(planted: decoys.Decoys) -> None:
    times = sorted(entry["changed"] for entry in planted.files)
    assert times[-1] - times[0] > 365 * 86_400
    assert len({time // (30 * 86_400) for time in times}) >= 12


def test_every_secret_is_where_it_is_said_to_be(planted: decoys.Decoys) -> None:
    """All but those that a program encrypts, which are read by undoing that."""
    found = {f"/home/alex/{path}": data for path, data in contents(planted).items()}
    found |= {f"${name}": value.encode() for name, value in planted.environment.items()}
    elsewhere = {secret.name for secret in planted.secrets if secret.value.encode() not in found[secret.path]}
    coded = {"Docker registry login", "Podman registry login", "FTP password", "FTP password of a recent server"}
    assert {name for name in elsewhere if not name.endswith("in Chrome") and "in Chrome's logins" not in name} == coded
    for secret in planted.secrets:
        if secret.name in coded and secret.name in elsewhere:
            texts = re.findall(rb"[A-Za-z0-9+/]{24,}=*", found[secret.path])
            assert any(
                secret.value.encode() in found[secret.path] or secret.value.encode() in base64.b64decode(text)
                for text in texts
            )


def test_every_secret_is_long_enough_to_be_proof(planted: decoys.Decoys) -> None:
    assert {secret.name for secret in planted.secrets if len(secret.value) < 12} == set()
    assert all(secret.name and secret.value.isprintable() and secret.value.isascii() for secret in planted.secrets)


def test_nothing_is_open_to_others_that_a_program_keeps_to_its_user(planted: decoys.Decoys) -> None:
    modes = {entry["path"]: entry["mode"] for entry in planted.files}
    for path in (".ssh/id_ed25519", ".ssh/id_rsa", ".aws/credentials", ".pgpass", ".netrc", ".config/gh/hosts.yml"):
        assert modes[path] == "600"


def test_nothing_says_that_it_is_a_decoy(planted: decoys.Decoys) -> None:
    for path, data in contents(planted).items():
        assert not re.search(rb"decoy|fake|dummy|EXAMPLE|honey|canary|fumehood", data), path


def test_key_pairs_fit(planted: decoys.Decoys) -> None:
    found = contents(planted)
    for name, kind in (("id_ed25519", ed25519.Ed25519PrivateKey), ("id_ecdsa", ec.EllipticCurvePrivateKey)):
        private = load_ssh_private_key(found[f".ssh/{name}"], None)
        assert isinstance(private, kind)
        assert private.public_key() == load_ssh_public_key(found[f".ssh/{name}.pub"])
    assert found[".ssh/authorized_keys"] == found[".ssh/id_ecdsa.pub"]
    certificate = found[".openvpn/northwind.ovpn"].decode()
    assert isinstance(
        load_pem_private_key(certificate[certificate.index("-----") : certificate.index("</key>")].encode(), None),
        ec.EllipticCurvePrivateKey,
    )


def test_the_rsa_key_has_the_layout_of_one(planted: decoys.Decoys) -> None:
    lines = contents(planted)[".ssh/id_rsa"].decode().splitlines()
    assert lines[0] == "-----BEGIN OPENSSH PRIVATE KEY-----"
    assert max(map(len, lines[1:-1])) == 70
    blob = base64.b64decode("".join(lines[1:-1]), validate=True)
    assert blob.startswith(b"openssh-key-v1\0" + b"\0\0\0\x04none" * 2 + b"\0\0\0\0" + b"\0\0\0\x01")
    public = load_ssh_public_key(contents(planted)[".ssh/id_rsa.pub"])
    assert public.key_size == 3072  # type: ignore[union-attr] # an RSA key's


def test_the_service_account_has_a_key_in_pkcs8(planted: decoys.Decoys) -> None:
    document = json.loads(contents(planted)[".config/gcloud/service-account.json"])
    lines = document["private_key"].splitlines()
    assert (lines[0], lines[-1]) == ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----")
    der = base64.b64decode("".join(lines[1:-1]), validate=True)
    assert der[:2] == b"\x30\x82"
    assert int.from_bytes(der[2:4], "big") == len(der) - 4


@pytest.mark.parametrize("prefix", ["ghp", "gho", "npm"])
def test_tokens_with_a_checksum_have_the_right_one(prefix: str, planted: decoys.Decoys) -> None:
    text = b"\n".join(
        [*contents(planted).values(), *(value.encode() for value in planted.environment.values())]
    ).decode("latin-1")
    tokens = set(re.findall(rf"{prefix}_(\w{{36}})\b", text))
    assert tokens
    for token in tokens:
        number = sum(BASE62.index(digit) * 62**place for place, digit in enumerate(reversed(token[30:])))
        assert number == zlib.crc32(token[:30].encode())


def test_web_tokens_can_be_decoded(planted: decoys.Decoys) -> None:
    token = yaml.safe_load(contents(planted)[".kube/config"])["users"][0]["user"]["token"]
    head, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    assert json.loads(head) == {"alg": "RS256", "typ": "JWT"}
    assert json.loads(claims)["sub"] == "alex"
    assert len(signature) == 256


def test_cloud_credentials_look_like_themselves(planted: decoys.Decoys) -> None:
    text = contents(planted)[".aws/credentials"].decode()
    assert len(re.findall(r"^aws_access_key_id = AKIA[A-Z2-7]{16}$", text, re.MULTILINE)) == 2
    assert len(re.findall(r"^aws_secret_access_key = [\w+/]{40}$", text, re.MULTILINE)) == 2


def test_documents_can_be_parsed(planted: decoys.Decoys) -> None:
    parsers: dict[str, Callable[[str], object]] = {
        ".json": json.loads, "Local State": json.loads, "Preferences": json.loads, ".yml": yaml.safe_load, ".yaml": yaml.safe_load,
        ".xml": ET.fromstring, ".xbel": ET.fromstring, ".tfstate": json.loads,
    }  # fmt: skip
    parsed = 0
    for path, data in contents(planted).items():
        for ending, parse in parsers.items():
            if path.endswith(ending):
                assert parse(data.decode()) is not None, path
                parsed += 1
    assert parsed >= 35
    login = json.loads(contents(planted)[".docker/config.json"])["auths"]["registry.northwind.example"]["auth"]
    assert base64.b64decode(login, validate=True).startswith(b"alex:")


def tables(data: bytes) -> dict[str, int]:
    connection = sqlite3.connect(":memory:")
    connection.deserialize(data)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("ending", "wanted"),
    [
        ("google-chrome/Default/Login Data", {"logins"}),
        ("google-chrome/Default/Cookies", {"cookies"}),
        ("google-chrome/Default/Web Data", {"autofill", "token_service"}),
        ("google-chrome/Default/History", {"urls", "visits"}),
        ("Slack/Cookies", {"cookies"}),
        ("/cookies.sqlite", {"moz_cookies"}),
        ("/places.sqlite", {"moz_places", "moz_bookmarks"}),
        ("/formhistory.sqlite", {"moz_formhistory"}),
        ("gcloud/credentials.db", {"credentials"}),
    ],
)
def test_databases_can_be_opened_and_have_rows(ending: str, wanted: set[str], planted: decoys.Decoys) -> None:
    assert wanted <= {name for name, count in tables(only(contents(planted), ending)).items() if count}


def test_what_chrome_encrypts_can_be_read_as_thieves_do(planted: decoys.Decoys) -> None:
    import hashlib

    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    connection = sqlite3.connect(":memory:")
    connection.deserialize(only(contents(planted), "google-chrome/Default/Login Data"))
    sealed = connection.execute("SELECT password_value FROM logins WHERE id = 1").fetchone()[0]
    connection.close()
    key = hashlib.pbkdf2_hmac("sha1", b"peanuts", b"saltysalt", 1, 16)
    decryptor = Cipher(algorithms.AES(key), modes.CBC(b" " * 16)).decryptor()
    plain = decryptor.update(sealed.removeprefix(b"v10")) + decryptor.finalize()
    secrets = {secret.name: secret.value for secret in planted.secrets}
    assert plain[: -plain[-1]].decode() == secrets["password in Chrome's logins"]


def test_firefox_finds_its_profile(planted: decoys.Decoys) -> None:
    found = contents(planted)
    (name,) = re.findall(r"^Path=(\S+)$", found[".mozilla/firefox/profiles.ini"].decode(), re.MULTILINE)
    assert {f".mozilla/firefox/{name}/{file}" for file in ("logins.json", "key4.db", "cookies.sqlite")} <= set(found)


def test_pictures_are_pictures(planted: decoys.Decoys) -> None:
    found = contents(planted)
    assert only(found, "IMG_0231.jpg").startswith(b"\xff\xd8\xff")
    assert only(found, "IMG_0231.jpg").endswith(b"\xff\xd9")
    assert only(found, "10-04-55.png").startswith(b"\x89PNG\r\n\x1a\n")


def test_git_takes_the_repository_for_whole(planted: decoys.Decoys, tmp_path: Path) -> None:
    for path, data in contents(planted).items():
        if path.startswith("work/reports/"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(data)
    folder = tmp_path / "work" / "reports"

    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, text=True).stdout

    assert "Alex Hartmann <alex@northwind.example>" in git("log")
    assert git("status", "--porcelain") == ""
    git("fsck", "--strict")


def test_variables_change_nothing_of_what_others_do(planted: decoys.Decoys) -> None:
    for name in planted.environment:
        assert not name.startswith(("PIP_", "UV_", "PYTHON", "LD_", "XDG_", "LC_")), name
        assert name not in {"CI", "HOME", "PATH", "LANG", "USER", "DISPLAY", "NO_COLOR", "GITHUB_ACTIONS"}
        assert not name.lower().endswith("_proxy")


def test_a_template_is_filled_with_values_that_are_named() -> None:
    text, values = decoys.fill('{{"id": "{upper:6}", "secret": "{alnum:40 as secret}", "again": "{same:secret}"}}')
    document = json.loads(text)
    assert values == [document["secret"]]
    assert document["again"] == document["secret"]
    assert re.fullmatch("[A-Z0-9]{6}", document["id"])


@pytest.mark.parametrize("text", ["{a: 1}", "${HOME}", "function() { return 1 }", "a } b { c", "{unknown:3}", "{}"])
def test_a_text_without_places_stays_as_it_is(text: str) -> None:
    assert decoys.fill(text) == (text, [])
