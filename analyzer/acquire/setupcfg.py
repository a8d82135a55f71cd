"""The static part of setup.cfg (setuptools' declarative configuration)."""

from __future__ import annotations

import configparser
from dataclasses import dataclass

from analyzer.acquire.pyproject import extra_condition, with_condition
from analyzer.acquire.text import shown
from analyzer.errors import AcquireError


@dataclass(frozen=True, slots=True)
class SetupCfg:
    """What setup.cfg says; `file:` and `attr:` directives are not followed and count as not said."""

    name: str
    version: str
    requires: tuple[str, ...]
    extras: tuple[str, ...]
    requires_python: str
    setup_requires: tuple[str, ...]


def read_setup_cfg(content: bytes, label: str) -> SetupCfg:
    """Read the text of a setup.cfg (empty: there is none).

    Raises:
        AcquireError: It is no configuration file.
    """
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(content.decode("utf-8"))
    except (configparser.Error, ValueError, AttributeError) as error:
        # AttributeError: configparser joins continuation lines of options that have no value.
        raise AcquireError(f"setup.cfg of {shown(label)} cannot be read: correct it or name another target") from error
    optional = dict(parser.items("options.extras_require")) if parser.has_section("options.extras_require") else {}
    return SetupCfg(
        name=_value(parser, "metadata", "name"),
        version=_value(parser, "metadata", "version"),
        requires=(
            *_lines(parser.get("options", "install_requires", fallback="")),
            *(
                with_condition(line, extra_condition(extra))
                for extra, text in optional.items()
                for line in _lines(text)
            ),
        ),
        extras=tuple(optional),
        requires_python=_value(parser, "options", "python_requires"),
        setup_requires=_lines(parser.get("options", "setup_requires", fallback="")),
    )


def _value(parser: configparser.ConfigParser, section: str, key: str) -> str:
    text = parser.get(section, key, fallback="").strip()
    return "" if text.startswith(("file:", "attr:")) or "\n" in text else text


def _lines(text: str) -> tuple[str, ...]:
    if text.lstrip().startswith("file:"):
        return ()
    stripped = (line.strip() for line in text.replace(";\n", "\n").splitlines())
    return tuple(line for line in stripped if line and not line.startswith("#"))
