"""The outputs of `fumehood vet`: documents for all, a folder with the reports of each, or the page of a single package."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from analyzer.cli.printing import Output, standard_output
from analyzer.errors import FumehoodError, UsageError
from analyzer.render.interface import find_renderer, obstacle, open_atomically
from analyzer.render.text import safe_text
from analyzer.render.vetting import VETTING_RENDERERS

if TYPE_CHECKING:
    from analyzer.model.vetting import Vetted
    from analyzer.pipeline.vetting import Judge, Outcome

_JSON, _HTML, _FOLDER = "json", "html", "folder"
_FORMATS: Final = (_JSON, _FOLDER, _HTML, *VETTING_RENDERERS)
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._+-]+")
_MAX_NAME: Final = 120
_MAX_SHOWN: Final = 300


def parse(words: list[str], count: int) -> list[Output]:
    """The outputs of the command line, for so many packages.

    Raises:
        UsageError: A format is unknown, a path is missing, named twice or cannot be written, or a page is asked for that has no place.
    """
    outputs: list[Output] = []
    for word in words:
        name, separator, path = word.partition("=")
        shown = safe_text(word, _MAX_SHOWN)
        if not separator or not path or name not in _FORMATS:
            raise UsageError(f"-o {shown}: give FORMAT=PATH, where FORMAT is one of {', '.join(_FORMATS)}")
        output = Output(name, Path(path))
        if any(output.path == other.path for other in outputs) and not output.path.is_char_device():
            raise UsageError(f"-o {shown}: another -o writes to the same path; name another one")
        if name == _HTML and count > 1:
            raise UsageError(f"-o {shown}: a page is of one package, and there are {count}; take -o folder=DIR")
        problem = _folder_obstacle(output.path) if name == _FOLDER else ""
        if name != _FOLDER and not output.is_standard_output:
            problem = obstacle(output.path)
        if problem:
            raise UsageError(f"-o {shown}: {problem}")
        outputs.append(output)
    return outputs


def write_all(outputs: list[Output], outcome: Outcome, judge: Judge) -> list[FumehoodError]:
    """Writes all outputs; gives what went wrong. One that cannot be written costs no other."""
    errors: list[FumehoodError] = []
    files: dict[int, str] = {}
    for output in sorted(outputs, key=lambda one: one.format != _FOLDER):  # the document names the files in it
        try:
            if output.format == _FOLDER:
                files |= _write_folder(output.path, outcome, judge)
            else:
                _write(output, outcome, judge, files)
        except FumehoodError as error:
            errors.append(error)
    return errors


def _write(output: Output, outcome: Outcome, judge: Judge, files: dict[int, str]) -> None:
    with standard_output() if output.is_standard_output else open_atomically(output.path) as stream:
        if output.format == _JSON:
            outcome.write(stream, judge, files)
        elif output.format in VETTING_RENDERERS:
            renderer = VETTING_RENDERERS[output.format]
            stream.write(renderer.render(outcome.heading(), outcome.packages(judge, files)).encode())
        else:
            for one in outcome.vetted:
                if one.verdict is not None:
                    stream.write(str(find_renderer(_HTML).render(judge.read(one.number))).encode())


def _write_folder(folder: Path, outcome: Outcome, judge: Judge) -> dict[int, str]:
    """A JSON and an HTML report of each; gives the names of the first, by number."""
    files: dict[int, str] = {}
    for one in outcome.severest_first():
        if one.verdict is None:
            continue
        name = _name(one, {Path(file).stem for file in files.values()})
        report = judge.read(one.number)
        for format_name in (_JSON, _HTML):
            renderer = find_renderer(format_name)
            rendered = renderer.render(report)
            with open_atomically(folder / f"{name}{renderer.suffix}") as stream:
                stream.write(rendered.encode() if isinstance(rendered, str) else rendered)
        files[one.number] = f"{name}.json"
    return files


def _name(one: Vetted, taken: set[str]) -> str:
    """A name for the files of a package, which chose its own: one plain word that no other has."""
    plain = _UNSAFE.sub("-", one.name)[:_MAX_NAME].strip(".-") or "package"
    return plain if plain not in taken else f"{plain}-{one.number}"


def _folder_obstacle(folder: Path) -> str:
    """Why nothing can be written into a folder; it is made where there is none."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return f"the folder cannot be made ({error.strerror or error}); name another one"
    return obstacle(folder / "report.json")
