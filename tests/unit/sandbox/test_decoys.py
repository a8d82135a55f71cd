from __future__ import annotations

import base64
import json
import re

import pytest
import yaml

from analyzer.sandbox import decoys


def by_path() -> dict[str, dict[str, str]]:
    return {decoy["path"]: decoy for decoy in decoys.make()}


def test_every_run_has_its_own_values() -> None:
    first, second = by_path(), by_path()
    assert set(first) == set(second)
    for path, decoy in first.items():
        assert decoy["text"] != second[path]["text"], path
        assert decoy["mode"] == second[path]["mode"]


def test_no_place_is_left_unfilled() -> None:
    for decoy in decoys.make():
        assert set(decoy) == {"path", "mode", "text"}
        assert not re.search(r"\{(alnum|upper|base64|hex|openssh)", decoy["text"]), decoy["path"]
        assert not decoy["path"].startswith(("/", ".."))
        assert re.fullmatch(r"[0-7]{3}", decoy["mode"])


def test_secrets_are_for_their_owner_alone() -> None:
    found = by_path()
    for path in (".ssh/id_ed25519", ".aws/credentials"):
        assert found[path]["mode"] == "600"


def test_the_private_key_has_the_layout_of_one() -> None:
    lines = by_path()[".ssh/id_ed25519"]["text"].splitlines()
    assert lines[0] == "-----BEGIN OPENSSH PRIVATE KEY-----"
    assert lines[-1] == "-----END OPENSSH PRIVATE KEY-----"
    assert max(map(len, lines[1:-1])) == 70
    blob = base64.b64decode("".join(lines[1:-1]), validate=True)
    assert blob.startswith(b"openssh-key-v1\0" + b"\0\0\0\x04none" * 2 + b"\0\0\0\0" + b"\0\0\0\x01")
    assert blob.count(b"ssh-ed25519") == 2
    public = blob[blob.index(b"ssh-ed25519") + 15 :][:32]
    assert blob.count(public) == 2


def test_cloud_credentials_look_like_themselves() -> None:
    found = by_path()
    assert re.search(r"^aws_access_key_id = AKIA[A-Z0-9]{16}$", found[".aws/credentials"]["text"], re.MULTILINE)
    assert re.search(r"^aws_secret_access_key = [\w+/]{40}$", found[".aws/credentials"]["text"], re.MULTILINE)
    document = json.loads(found[".config/gcloud/application_default_credentials.json"]["text"])
    assert document["type"] == "authorized_user"


@pytest.mark.parametrize(
    "path",
    [
        ".docker/config.json",
        ".mozilla/firefox/x1y2z3.default-release/logins.json",
        ".config/google-chrome/Local State",
        ".ethereum/keystore/UTC--2025-03-14T09-26-53.589793238Z--4e6f7274",
    ],
)
def test_documents_can_be_parsed(path: str) -> None:
    assert json.loads(by_path()[path]["text"])


def test_the_kubernetes_configuration_can_be_parsed() -> None:
    document = yaml.safe_load(by_path()[".kube/config"]["text"])
    assert document["contexts"][0]["context"] == {"cluster": "northwind", "user": "alex"}


def test_the_registry_login_is_the_users() -> None:
    document = json.loads(by_path()[".docker/config.json"]["text"])
    assert base64.b64decode(document["auths"]["registry.northwind.example"]["auth"], validate=True).startswith(b"alex:")


@pytest.mark.parametrize("name", ["Login Data", "Cookies"])
def test_databases_begin_as_such(name: str) -> None:
    assert by_path()[f".config/google-chrome/Default/{name}"]["text"].startswith("SQLite format 3\0")


def test_nothing_says_that_it_is_a_decoy() -> None:
    for decoy in decoys.make():
        assert not re.search(r"decoy|fake|dummy|EXAMPLE|honey|fumehood", decoy["text"]), decoy["path"]
