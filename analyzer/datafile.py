"""Data files: YAML read into a pydantic model, where a mistake is one line that names file and line."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from analyzer.errors import UsageError

M = TypeVar("M", bound=BaseModel)
Location = tuple[int | str, ...]

_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where PyYAML has it: every command reads all rules, and the loader in Python takes five times as long.

Only for files that come with fumehood: deep nesting overflows its stack.
"""

_MAX_BYTES = 4 * 1024 * 1024
_MAX_MESSAGE = 400
_MAX_DEPTH = 30
_MAX_NODES = 200_000
_SHAPES = frozenset({"string_type", "int_type", "int_parsing", "bool_type", "bool_parsing", "list_type", "model_type"})
"""What each alternative of a union says of a value that is meant for another one."""


class DataFile:
    """One YAML file, with the line of everything in it. Messages call it `what` (such as "rule file") and `name`.

    `shipped` says that it comes with fumehood, and not from a user.
    """

    def __init__(self, path: Traversable | Path, what: str, name: str = "", *, shipped: bool = False) -> None:
        self.name = f"{what} {name or path.name}"
        try:
            data = path.read_bytes()
            if len(data) > _MAX_BYTES:
                raise self.error((), f"is larger than {_MAX_BYTES} bytes")
            loader = (_FAST if shipped else yaml.SafeLoader)(data.decode("utf-8"))
            try:
                self._node = loader.get_single_node()
                if self._node is not None and not shipped:
                    _check_size(self._node)
                self.content = loader.construct_document(self._node) if self._node is not None else None
            finally:
                loader.dispose()
        except OSError as error:
            raise UsageError(f"{self.name} cannot be read: {error.strerror}") from error
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
            raise UsageError(f"{self.name} is not YAML: {' '.join(str(error).split())[:_MAX_MESSAGE]}") from error

    def read(self, model: type[M], context: Any = None) -> M:
        """The content as a model. Raises UsageError for what does not fit."""
        try:
            return model.model_validate(self.content, context=context)
        except ValidationError as error:
            place, message = _most_telling(error)
            raise self.error(place, message) from error

    def line(self, place: Location) -> int:
        """The line (from 1) on which the value at a place stands, or the nearest thing around it."""
        node = self._node
        line = node.start_mark.line if node is not None else 0
        for step in place:
            child = _child(node, step)
            if child is None:
                break
            node = child
            line = node.start_mark.line
        return line + 1

    def error(self, place: Location, message: str) -> UsageError:
        """The error to raise for a mistake at a place."""
        where = f", line {self.line(place)}" if hasattr(self, "_node") else ""
        return UsageError(f"{self.name}{where}: {message}")


def shipped_yaml(text: str) -> Any:
    """The content of a file that comes with fumehood and that our own tests hold in form: no model, no lines, and no checks."""
    return yaml.load(text, Loader=_FAST)  # noqa: S506 libyaml's safe loader, or PyYAML's own


def yaml_files(folder: Traversable | Path) -> list[Traversable | Path]:
    """The YAML files of a folder, in the order of their names."""
    return sorted((path for path in folder.iterdir() if path.name.endswith(".yaml")), key=lambda path: path.name)


def _check_size(root: yaml.Node) -> None:
    """Refuses nesting that nobody writes by hand, and aliases that hold themselves or multiply."""
    left = [(root, 0)]
    seen = 0
    while left:
        node, depth = left.pop()
        seen += 1
        if depth > _MAX_DEPTH or seen > _MAX_NODES:
            raise ValueError(f"nested deeper than {_MAX_DEPTH} levels, or of more than {_MAX_NODES} values")
        if isinstance(node, yaml.MappingNode):
            left += [(one, depth + 1) for pair in node.value for one in pair]
        elif isinstance(node, yaml.SequenceNode):
            left += [(one, depth + 1) for one in node.value]


def _child(node: yaml.Node | None, step: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]  # type: ignore[no-any-return] # types-pyyaml leaves the values untyped
    return None


def _most_telling(error: ValidationError) -> tuple[Location, str]:
    """Place and text of the error that says most: not the one that an alternative for other shapes gives."""
    errors = error.errors()
    one = next((one for one in errors if one["type"] not in _SHAPES), errors[0])
    names = [str(step) for step in one["loc"] if isinstance(step, str) and step.isidentifier() and step.islower()]
    message = " ".join(one["msg"].split())[:_MAX_MESSAGE].removeprefix("Value error, ")
    return one["loc"], f"{names[-1]}: {message}" if names else message
