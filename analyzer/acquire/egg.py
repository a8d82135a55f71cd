"""Dependencies as setuptools writes them into `*.egg-info/requires.txt` (documented under "Egg Formats")."""

from __future__ import annotations

from analyzer.acquire.pyproject import extra_condition, with_condition
from analyzer.acquire.text import shown
from analyzer.errors import AcquireError


def requires_txt(content: bytes, label: str) -> tuple[str, ...]:
    """The dependencies as PEP 508 lines; a section `[extra:marker]` becomes conditions of its lines.

    Raises:
        AcquireError: It is not text.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise AcquireError(
            f"requires.txt of {shown(label)} is not text: get it again or name another version"
        ) from error
    lines: list[str] = []
    extra = marker = ""
    for line in (raw.strip() for raw in text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            extra, _, marker = line[1:-1].partition(":")
        elif line and not line.startswith("#"):
            conditioned = with_condition(line, f"({marker})") if marker else line
            lines.append(with_condition(conditioned, extra_condition(extra)) if extra else conditioned)
    return tuple(lines)
