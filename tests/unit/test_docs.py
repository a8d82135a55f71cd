"""The generated documentation is what the code would generate now."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def generator() -> ModuleType:
    specification = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


FILES: dict[Path, str] = generator().files()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == FILES[path], f"{path.name} is out of date: run `make docs`"


@pytest.mark.parametrize("page", ["behaviors.md", "issues.md"])
def test_links_inside_the_page_lead_somewhere(page: str) -> None:
    text = FILES[ROOT / "docs" / page]
    headings = {
        re.sub(r"[^\w-]", "", title.lower().replace(" ", "-")) for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".json"], ids=lambda path: path.name)
def test_schemas_are_schemas(path: Path) -> None:
    schema = json.loads(FILES[path])
    assert schema["type"] == "object"
    assert schema.get("properties") or schema["oneOf"]
