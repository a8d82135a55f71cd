"""The options of a run, the same for every command that makes one.

A command takes them as a whole, and the decorator makes options of the command line of their fields:

```python
@sharing
def analyze(target: …, run: RunOptions, output: … = None, limits: LimitOptions) -> None: ...
```
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args, get_type_hints

import typer

from analyzer.errors import UsageError
from analyzer.pipeline import Options
from analyzer.pipeline.asking import advisories_of
from analyzer.sandbox.interface import MIB, Installer, Limits, Manner, Network

if TYPE_CHECKING:
    from analyzer.sandbox.answers import Additional

_DEFAULTS = Limits()
# What no machine can give is a typing error, and engines answer it with riddles.
_MAX_MIB = 1024 * 1024
_MAX_SECONDS = 86_400
_MAX_PROCESSES = 4096
"""Linux lets an ordinary user have at least as many (RLIMIT_NPROC) on any machine with more than 1 GiB of memory."""


RefreshOption = Annotated[
    bool, typer.Option("--refresh", help="Ask the package index anew instead of using cached pages.")
]
QuietOption = Annotated[
    bool, typer.Option("-q", "--quiet", help="No progress and no summary; the exit code and -o tell.")
]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Where a package is run, and how; in the words of the command line."""

    sandbox: Annotated[str, typer.Option(metavar="auto|docker|embedded", help="Where to run it.")] = "auto"
    tracer: Annotated[str, typer.Option(metavar="auto|kernel|strace", help="What records the system calls.")] = "auto"
    python: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Interpreter inside the sandbox, such as 3.13, or a path.")
    ] = None
    runtime: Annotated[
        str | None, typer.Option(metavar="NAME", help="OCI runtime of the Docker engine, such as runsc.")
    ] = None
    installer: Annotated[str, typer.Option(metavar="uv|pip", help="What installs the package.")] = "uv"
    editable: Annotated[
        bool, typer.Option("--editable", help="Install a project directory as editable, from its own files.")
    ] = False
    driver: Annotated[
        Path | None,
        typer.Option(
            metavar="SCRIPT", help="A Python script of your own that exercises the package, instead of calls."
        ),
    ] = None
    callables: Annotated[
        bool | None,
        typer.Option(
            "--callables/--no-callables",
            help="Call the package's functions and classes with made-up arguments; without --driver, it does.",
        ),
    ] = None
    internet: Annotated[
        str,
        typer.Option(
            metavar="simulated|off|DIR",
            help="What answers on the network: the simulated internet, nothing, or the first with answers of your own.",
        ),
    ] = "simulated"
    fast_clock: Annotated[
        bool,
        typer.Option("--fast-clock", help="Shorten delays, and run the package again at later dates."),
    ] = False
    osv: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="Known vulnerabilities in the OSV format: a file, zip or folder; may be given again."
        ),
    ] = None
    timeout: Annotated[
        float | None, typer.Option(min=1, max=_MAX_SECONDS, metavar="SECONDS", help="Time limit of each phase.")
    ] = None


@dataclass(frozen=True, slots=True)
class LimitOptions:
    """What a package may use; in the words of the command line."""

    memory: Annotated[int, typer.Option(min=64, max=_MAX_MIB, metavar="MIB", help="Memory limit.")] = (
        _DEFAULTS.memory_bytes // MIB
    )
    processes: Annotated[
        int, typer.Option(min=16, max=_MAX_PROCESSES, metavar="N", help="Limit of processes and threads.")
    ] = _DEFAULTS.processes
    disk: Annotated[int, typer.Option(min=32, max=_MAX_MIB, metavar="MIB", help="Limit of what may be written.")] = (
        _DEFAULTS.disk_bytes // MIB
    )
    output_limit: Annotated[
        int, typer.Option(min=1, max=1024, metavar="MIB", help="Limit of kept output of each command.")
    ] = _DEFAULTS.output_bytes // MIB
    cpus: Annotated[float, typer.Option(min=0.1, max=1024, metavar="N", help="CPUs that may be used.")] = _DEFAULTS.cpus


def run_options(run: RunOptions, limits: LimitOptions, rules: tuple[Path, ...]) -> Options:
    """What the words mean. Raises UsageError for a word that is none, and for a file that cannot be read."""
    allowed = replace(
        _DEFAULTS,
        memory_bytes=limits.memory * MIB,
        processes=limits.processes,
        disk_bytes=limits.disk * MIB,
        output_bytes=limits.output_limit * MIB,
        cpus=limits.cpus,
    ).with_timeout(run.timeout)
    return Options(
        sandbox=run.sandbox,
        runtime=run.runtime,
        tracer=run.tracer,
        python=run.python,
        limits=allowed,
        manner=Manner(
            installer=_installer(run.installer),
            editable=run.editable,
            driver=_script(run.driver) if run.driver is not None else None,
            callables=run.callables if run.callables is not None else run.driver is None,
            network="off" if run.internet == "off" else "simulated",
            answers=_answers(run.internet),
            fast_clock=run.fast_clock,
        ),
        rules=rules,
        osv=_lists(run.osv or []),
    )


def sharing(command: Callable[..., None]) -> Callable[..., None]:
    """Puts options in the place of each parameter of a command that is a group of them."""
    signature = inspect.signature(command, eval_str=True)
    groups = {
        name: cast("Any", one.annotation)
        for name, one in signature.parameters.items()
        if isinstance(one.annotation, type) and is_dataclass(one.annotation)
    }
    parameters = []
    for name, one in signature.parameters.items():
        parameters += _options(groups[name]) if name in groups else [one]

    @functools.wraps(command)
    def expanded(**words: Any) -> None:
        for name, group in groups.items():
            words[name] = group(**{one.name: words.pop(one.name) for one in fields(group)})
        command(**words)

    # typer reads both.
    expanded.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    expanded.__annotations__ = {one.name: one.annotation for one in parameters}
    return expanded


def _options(group: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    kind = inspect.Parameter.KEYWORD_ONLY
    return [inspect.Parameter(one.name, kind, default=one.default, annotation=hints[one.name]) for one in fields(group)]


def _script(path: Path) -> Path:
    """Looks at the user's driver before anything is started."""
    try:
        if path.is_file():
            path.open("rb").close()
            return path
        why = "a Python script is wanted" if path.exists() else "there is no such file"
    except OSError as error:
        why = error.strerror or "it cannot be read"
    raise UsageError(f"--driver {path}: {why}; name a Python script that can be read")


def _answers(internet: str) -> Additional | None:
    """The user's own answers, where `--internet` names a folder. Their schema takes long to load, which no other command needs."""
    if internet in get_args(Network):
        return None
    from analyzer.sandbox.answers import read

    return read(Path(internet))


def _lists(paths: list[Path]) -> tuple[Path, ...]:
    """The user's lists of vulnerabilities, which are read at once, so that a wrong one is told before anything runs."""
    advisories_of(paths)
    return tuple(paths)


def _installer(name: str) -> Installer:
    if name in get_args(Installer):
        return cast("Installer", name)
    raise UsageError(f"--installer {name}: unknown; use uv or pip")
