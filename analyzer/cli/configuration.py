"""Configuration: `[tool.fumehood]` in pyproject.toml, or fumehood.toml, in the current folder.

```toml
[tool.fumehood]
rules = ["security/rules"]      # folders of your own rules, relative to the file
policy = "security/policy.toml" # a file with your own policy, or the policy itself as a table
```

In fumehood.toml the keys stand at the top. Rules are added to what the command line says, a policy is replaced by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict, ValidationError

from analyzer.errors import UsageError
from analyzer.tomlfile import read_toml

RulesOption = Annotated[
    list[Path] | None, typer.Option(metavar="DIR", help="Folder of your own rules; may be given again.")
]
"""`--rules`, the same for every command that has it."""


class Configuration(BaseModel):
    """The keys that a configuration may have. The policy's table has a schema of its own (`analyzer/policy/schema.py`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[str, ...] = ()
    policy: str | dict[str, Any] | None = None


def rule_folders(given: Iterable[Path] | None, folder: Path | None = None) -> tuple[Path, ...]:
    """Folders of the user's own rules: the configuration's, then those of the command line.

    Raises:
        UsageError: The configuration cannot be read or has a key that does not exist.
    """
    here = folder or Path.cwd()
    found = configuration(here)
    configured = found[1].rules if found is not None else ()
    return (*(here / name for name in configured), *(given or ()))


def configuration(folder: Path) -> tuple[Path, Configuration] | None:
    """The configuration in a folder and the file in which it stands; None where there is no such file.

    Raises:
        UsageError: It cannot be read or has a key that does not exist.
    """
    path = next((path for path in (folder / "fumehood.toml", folder / "pyproject.toml") if path.is_file()), None)
    return (path, _read(path)) if path is not None else None


def _read(path: Path) -> Configuration:
    content: Any = read_toml(path, path.name)
    if path.name == "pyproject.toml":
        content = content.get("tool", {}).get("fumehood", {}) if isinstance(content.get("tool", {}), dict) else {}
    try:
        return Configuration.model_validate(content)
    except ValidationError as error:
        one = error.errors()[0]
        if one["loc"][:1] == ("policy",):
            raise UsageError(f"{path.name}, key 'policy': a table or the path of a file is wanted") from error
        place = ".".join(map(str, one["loc"]))
        raise UsageError(f"{path.name}, key {place!r} of fumehood's configuration: {one['msg']}") from error
