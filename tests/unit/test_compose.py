from __future__ import annotations

from pathlib import Path

import yaml

from analyzer.sandbox.docker.images import NAMES, REGISTRY_BASE, image_tag

CHECKOUT = Path(__file__).resolve().parents[2]
SERVICES = yaml.safe_load((CHECKOUT / "compose.yaml").read_text())["services"]


def test_it_builds_each_image_and_nothing_else() -> None:
    assert sorted(SERVICES) == sorted(NAMES)


def test_the_names_are_those_that_the_sandbox_looks_for() -> None:
    assert {name: service["image"] for name, service in SERVICES.items()} == {name: image_tag(name) for name in NAMES}


def test_each_builds_from_its_recipe_with_the_same_default_base() -> None:
    for name, service in SERVICES.items():
        assert service["build"] == {
            "context": f"sandbox-images/{name}",
            "args": {"BASE": f"${{FUMEHOOD_{name.upper()}_BASE:-{REGISTRY_BASE}}}"},
        }


def test_each_recipe_takes_the_base_and_agrees_on_its_default() -> None:
    for name in NAMES:
        lines = (CHECKOUT / "sandbox-images" / name / "Dockerfile").read_text().splitlines()
        assert [line for line in lines if line.startswith(("ARG", "FROM"))] == [
            f"ARG BASE={REGISTRY_BASE}",
            "FROM ${BASE}",
        ]


def test_no_service_gets_a_network_or_a_privilege() -> None:
    for service in SERVICES.values():
        assert set(service) == {"image", "build", "network_mode"}
        assert service["network_mode"] == "none"
