"""What answers: the Docker engine, its images, the package index."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import docker
import requests

from analyzer.sandbox.bases import one_line
from analyzer.sandbox.checks import SECONDS, Check
from analyzer.sandbox.docker.engine import engine_address
from analyzer.sandbox.docker.engine import one_line as reason
from analyzer.sandbox.docker.images import ENGINE_ERRORS, NAMES, exists, image_tag


def engine() -> Check:
    """Whether a Docker engine answers, and how it confines."""
    good = Check("Docker engine", "ok", "", needed_for="the docker sandbox")
    try:
        client = docker.from_env(timeout=SECONDS)
    except ENGINE_ERRORS as error:
        denied = "Permission denied" in str(error)
        remedy = (
            "add your user to the group docker, or run as root"
            if denied
            else "apt-get install docker.io; start dockerd"
        )
        return replace(good, status="missing", found=one_line([f"{engine_address()}: {reason(error)}"]), remedy=remedy)
    try:
        facts = client.info()
    finally:
        client.close()
    options = [str(option).removeprefix("name=") for option in facts.get("SecurityOptions") or ()]
    runtimes = ", ".join(sorted(facts.get("Runtimes") or ()))
    rights = "rootless" if "rootless" in options else "as root"
    found = f"{facts.get('ServerVersion')} {rights}; runtimes {runtimes}; security {', '.join(options) or 'none'}"
    weak = _weakness(options)
    return replace(good, status="weak", found=found, remedy=weak) if weak else replace(good, found=found)


def _weakness(options: list[str]) -> str:
    """What to do about what an engine lacks, by its security options; empty where nothing needs doing."""
    if not any(option.startswith("seccomp") for option in options):
        return "an engine with seccomp: without it, the kernel's whole surface is open to the package"
    if "userns" in options:
        return "--sandbox embedded: root of this engine's containers (userns-remap) may not write the record of a run"
    if "rootless" not in options:
        return (
            "--sandbox embedded, in which nothing is the machine's root while a package runs: root in this engine's containers is, "
            "and only capabilities and seccomp hold it (docs/security.md)"
        )
    return ""


def images() -> Check:
    """Whether the images of this version are built."""
    needed_for = "the docker sandbox"
    client = docker.from_env(timeout=SECONDS)
    try:
        absent = [name for name in NAMES if not exists(client, image_tag(name))]
    finally:
        client.close()
    if not absent:
        return Check("Docker images", "ok", "built", needed_for=needed_for)
    remedy = "none needed: the first analysis in Docker builds them, in about a minute"
    return Check("Docker images", "weak", f"not built yet: {', '.join(absent)}", remedy, needed_for)


def index(url: str) -> Check:
    """Whether a package index answers one request."""
    parts = urlsplit(url)
    # A private index's address may hold a password, which has no place in a report.
    shown = f"{parts.scheme}://{parts.hostname}{parts.path}"
    needed_for = "targets given by name"
    try:
        with requests.get(url, stream=True, timeout=SECONDS) as answer:
            status = answer.status_code
    except requests.RequestException as error:
        remedy = "see the network and proxy settings, or analyse a local file"
        return Check("package index", "missing", f"{shown}: {type(error).__name__}", remedy, needed_for)
    if status < requests.codes.bad_request:
        return Check("package index", "ok", shown, needed_for=needed_for)
    return Check("package index", "weak", f"{shown} answers {status}", "see the index's address", needed_for)
