"""What is done with a Docker engine, on one that only looks like it."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import docker
import pytest
from docker.errors import APIError, NotFound

from analyzer.errors import SandboxError
from analyzer.sandbox.docker import engine
from analyzer.sandbox.leftovers import new_token


@dataclass
class Response:
    status_code: int
    reason: str = "because"
    url: str = "http://engine.example"


@dataclass
class Container:
    """A container that remembers what was done to it."""

    labels: dict[str, str]
    status: str = "exited"
    made: datetime = field(default_factory=lambda: datetime.now(UTC))
    failure: Exception | None = None
    removed: bool = False
    said: list[bytes] = field(default_factory=list)

    @property
    def attrs(self) -> dict[str, str]:
        return {"Created": self.made.strftime("%Y-%m-%dT%H:%M:%S.123456789Z")}

    def remove(self, *, force: bool) -> None:
        assert force
        if self.failure is not None:
            raise self.failure
        self.removed = True

    def reload(self) -> None:
        if len(self.said) == 1:
            self.status = "exited"

    def logs(self, **options: Any) -> bytes:
        assert options == {"stderr": False}
        return self.said.pop(0) if self.said else b""


@dataclass
class Volume:
    """A volume that remembers whether it was removed."""

    labels: dict[str, str]
    made: datetime = field(default_factory=lambda: datetime.now(UTC))
    options: dict[str, str] = field(default_factory=dict)
    removed: bool = False

    @property
    def attrs(self) -> dict[str, Any]:
        return {"CreatedAt": self.made.strftime("%Y-%m-%dT%H:%M:%SZ"), "Labels": self.labels}

    def remove(self) -> None:
        if self.removed:
            raise NotFound("gone")
        self.removed = True


@dataclass
class Volumes:
    """An engine's volumes."""

    all: list[Volume] = field(default_factory=list)

    def list(self, *, filters: dict[str, str]) -> list[Volume]:
        name, _, value = filters["label"].partition("=")
        return [one for one in self.all if name in one.labels and (not value or one.labels[name] == value)]

    def create(self, name: str, *, driver: str, driver_opts: dict[str, str], labels: dict[str, str]) -> None:
        assert driver == "local"
        self.all.append(Volume(labels, options=driver_opts))


@dataclass
class Client:
    """An engine with containers; `containers` is itself, for brevity."""

    all: list[Container]
    failure: Exception | None = None
    volumes: Volumes = field(default_factory=Volumes)

    @property
    def containers(self) -> Client:
        return self

    def list(self, *, all: bool, filters: dict[str, str], ignore_removed: bool) -> list[Container]:
        assert all
        assert ignore_removed
        if self.failure is not None:
            raise self.failure
        name, _, value = filters["label"].partition("=")
        return [one for one in self.all if name in one.labels and (not value or one.labels[name] == value)]

    def create(self, image: str, command: list[str], **options: Any) -> Container:
        self.all.append(Container(options["labels"]))
        return self.all[-1]


def dead_token() -> str:
    program = "from analyzer.sandbox.leftovers import new_token; print(new_token())"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, SystemExit, ValueError])
def test_a_runs_containers_are_removed_however_it_ends(error: type[BaseException] | None) -> None:
    other = Container({engine.LABEL: new_token()})
    client = Client([other, Container({})])
    try:
        with engine.removing(client) as token:  # type: ignore[arg-type] # looks like a client
            one = engine.create(client, token, "image", ["true"])  # type: ignore[arg-type]
            assert engine.create_memory(client, token, "home", "size=1m,mode=755") == "home"  # type: ignore[arg-type]
            if error is not None:
                raise error
    except BaseException as raised:
        assert type(raised) is error
    assert one.removed
    assert not other.removed
    (home,) = client.volumes.all
    assert home.removed
    assert home.options == {"type": "tmpfs", "device": "tmpfs", "o": "size=1m,mode=755"}


@pytest.mark.parametrize("failure", [NotFound("gone"), APIError("busy", Response(409))])
def test_a_container_that_goes_by_itself_is_no_error(failure: Exception) -> None:
    client = Client([])
    with engine.removing(client) as token:  # type: ignore[arg-type]
        client.all.append(Container({engine.LABEL: token}, failure=failure))


@pytest.mark.parametrize("failure", [APIError("broken", Response(500)), docker.errors.DockerException("no engine")])
def test_an_engine_that_fails_meanwhile_is_told_with_what_may_be_left(failure: Exception) -> None:
    client = Client([])
    with pytest.raises(SandboxError, match=rf"{engine.LABEL}=\S+ may be left.*next analysis"), engine.removing(client):  # type: ignore[arg-type]
        client.failure = failure


def test_only_what_killed_analyzers_left_is_swept() -> None:
    gone = Container({engine.LABEL: dead_token()})
    kept = [
        Container({engine.LABEL: new_token()}, status="running"),
        Container({engine.LABEL: "of another kind"}),
        Container({"other": dead_token()}),
        Container({engine.LABEL: "00000000-1-1-00000000"}, status="running"),
    ]
    old = Container({engine.LABEL: "00000000-1-1-00000000"}, made=datetime.fromtimestamp(time.time() - 200_000, UTC))
    volumes = [
        Volume({engine.LABEL: dead_token()}),
        Volume({engine.LABEL: new_token()}),
        Volume({"other": dead_token()}),
        Volume({engine.LABEL: dead_token()}, removed=True),
    ]
    engine.sweep(Client([gone, *kept, old], volumes=Volumes(volumes)))  # type: ignore[arg-type]
    assert [one.removed for one in volumes] == [True, False, False, True]
    assert gone.removed
    assert old.removed
    assert not any(one.removed for one in kept)


def test_lines_come_once_each_and_to_the_end() -> None:
    container = Container({}, "running", said=[b"", b"one\n", b"one\ntwo\n", b"one\ntwo\nthree\n"])
    assert list(engine.follow(container, 60)) == ["one", "two", "three"]  # type: ignore[arg-type]


def test_a_container_that_never_ends_is_followed_to_the_limit_only() -> None:
    container = Container({}, "running", said=[b"one\n"] * 1000)
    assert list(engine.follow(container, 0)) == ["one"]  # type: ignore[arg-type]
    assert container.status == "running"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the SDK forgets to close its socket
@pytest.mark.parametrize("address", ["unix:///nonexistent/engine.sock", "tcp://127.0.0.1:1", "nonsense"])
def test_an_engine_that_is_not_there_is_told_with_the_alternative(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", address)
    with pytest.raises(SandboxError, match="no Docker engine .*--sandbox embedded") as raised:
        engine.connect()
    assert f" at {address} (" in str(raised.value)
    assert "HTTPConnection" not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not engine.engine_answers()
    gc.collect()
