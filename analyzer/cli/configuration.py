"""Configuration: `[tool.fumehood]` in pyproject.toml, or fumehood.toml, in the current folder.

```toml
[tool.fumehood]
rules = ["security/rules"]      # folders of your own rules, relative to the file
```

In fumehood.toml the keys stand at the top. What stands there is added to what the command line says.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict, ValidationError

from analyzer.errors import UsageError

_MAX_BYTES = 1024 * 1024

RulesOption = Annotated[
    list[Path] | None, typer.Option(metavar="DIR", help="Folder of your own rules; may be given again.")
]
"""`--rules`, the same for every command that has it."""


class Configuration(BaseModel):
    """The keys that a configuration may have."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[str, ...] = ()


def rule_folders(given: Iterable[Path] | None, folder: Path | None = None) -> tuple[Path, ...]:
    """Folders of the user's own rules: the configuration's, then those of the command line.

    Raises:
        UsageError: The configuration cannot be read or has a key that does not exist.
    """
    here = folder or Path.cwd()
    path = next((path for path in (here / "fumehood.toml", here / "pyproject.toml") if path.is_file()), None)
    configured = _read(path).rules if path is not None else ()
    return (*(here / name for name in configured), *(given or ()))


def _read(path: Path) -> Configuration:
    try:
        with path.open("rb") as file:
            content: Any = tomllib.loads(file.read(_MAX_BYTES).decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path.name} cannot be read: {error}") from error
    if path.name == "pyproject.toml":
        content = content.get("tool", {}).get("fumehood", {}) if isinstance(content.get("tool", {}), dict) else {}
    try:
        return Configuration.model_validate(content)
    except ValidationError as error:
        one = error.errors()[0]
        place = ".".join(map(str, one["loc"]))
        raise UsageError(f"{path.name}, key {place!r} of fumehood's configuration: {one['msg']}") from error
