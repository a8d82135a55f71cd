"""`fumehood analyze TARGET`: what does this package do?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer
from rich.console import Console

from analyzer.acquire import Cache, SimpleIndex
from analyzer.cli.configuration import RulesOption, rule_folders
from analyzer.cli.outputs import parse, write_all
from analyzer.cli.printing import print_out
from analyzer.errors import FumehoodError, UsageError
from analyzer.pipeline import Options
from analyzer.pipeline import analyze as run
from analyzer.pipeline.analyze import Analysis
from analyzer.render.progress import Progress
from analyzer.render.terminal import summarize
from analyzer.sandbox.interface import MIB, Installer, Limits, Manner, Network

if TYPE_CHECKING:
    from analyzer.sandbox.answers import Additional

EXIT_INCOMPLETE = 4

_DEFAULTS = Limits()
# What no machine can give is a typing error, and engines answer it with riddles.
_MAX_MIB = 1024 * 1024
_MAX_SECONDS = 86_400
_MAX_PROCESSES = 4096
"""Linux lets an ordinary user have at least as many (RLIMIT_NPROC) on any machine with more than 1 GiB of memory."""


def analyze(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="A requirement (six==1.17.0), a wheel, an sdist, a project directory, or the record of an earlier run "
            "(NAME.record), for which options of a run have no effect.",
        ),
    ],
    sandbox: Annotated[str, typer.Option(metavar="auto|docker|embedded", help="Where to run it.")] = "auto",
    tracer: Annotated[str, typer.Option(metavar="auto|kernel|strace", help="What records the system calls.")] = "auto",
    python: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Interpreter inside the sandbox, such as 3.13, or a path.")
    ] = None,
    runtime: Annotated[
        str | None, typer.Option(metavar="NAME", help="OCI runtime of the Docker engine, such as runsc.")
    ] = None,
    installer: Annotated[str, typer.Option(metavar="uv|pip", help="What installs the package.")] = "uv",
    editable: Annotated[
        bool, typer.Option("--editable", help="Install a project directory as editable, from its own files.")
    ] = False,
    driver: Annotated[
        Path | None,
        typer.Option(
            metavar="SCRIPT", help="A Python script of your own that exercises the package, instead of calls."
        ),
    ] = None,
    callables: Annotated[
        bool | None,
        typer.Option(
            "--callables/--no-callables",
            help="Call the package's functions and classes with made-up arguments; without --driver, it does.",
        ),
    ] = None,
    internet: Annotated[
        str,
        typer.Option(
            metavar="simulated|off|DIR",
            help="What answers on the network: the simulated internet, nothing, or the first with answers of your own.",
        ),
    ] = "simulated",
    fast_clock: Annotated[
        bool,
        typer.Option("--fast-clock", help="Shorten delays, and run the package again at later dates."),
    ] = False,
    timeout: Annotated[
        float | None, typer.Option(min=1, max=_MAX_SECONDS, metavar="SECONDS", help="Time limit of each phase.")
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FORMAT=PATH",
            help="Write json, html, events, pcap, record, attack-layer or mbc; may be given again.",
        ),
    ] = None,
    memory: Annotated[
        int, typer.Option(min=64, max=_MAX_MIB, metavar="MIB", help="Memory limit.")
    ] = _DEFAULTS.memory_bytes // MIB,
    processes: Annotated[
        int, typer.Option(min=16, max=_MAX_PROCESSES, metavar="N", help="Limit of processes and threads.")
    ] = _DEFAULTS.processes,
    disk: Annotated[
        int, typer.Option(min=32, max=_MAX_MIB, metavar="MIB", help="Limit of what may be written.")
    ] = _DEFAULTS.disk_bytes // MIB,
    output_limit: Annotated[
        int, typer.Option(min=1, max=1024, metavar="MIB", help="Limit of kept output of each command.")
    ] = _DEFAULTS.output_bytes // MIB,
    cpus: Annotated[
        float, typer.Option(min=0.1, max=1024, metavar="N", help="CPUs that may be used.")
    ] = _DEFAULTS.cpus,
    rules: RulesOption = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask the package index anew instead of using cached pages.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="No progress and no summary; the exit code and -o tell.")
    ] = False,
) -> None:
    """Install, start, import and exercise a package in a sandbox, and tell what it did.

    Exit: 0 complete · 4 incomplete · 3 nothing analysed · 2 usage · 1 a bug of fumehood.
    """
    outputs = parse(output or [])
    limits = replace(
        _DEFAULTS,
        memory_bytes=memory * MIB,
        processes=processes,
        disk_bytes=disk * MIB,
        output_bytes=output_limit * MIB,
        cpus=cpus,
    ).with_timeout(timeout)
    options = Options(
        sandbox=sandbox,
        runtime=runtime,
        tracer=tracer,
        python=python,
        limits=limits,
        manner=Manner(
            installer=_installer(installer),
            editable=editable,
            driver=_script(driver) if driver is not None else None,
            callables=callables if callables is not None else driver is None,
            network="off" if internet == "off" else "simulated",
            answers=_answers(internet),
            fast_clock=fast_clock,
        ),
        rules=rule_folders(rules),
    )
    cache = Cache()

    errors: list[FumehoodError] = []

    def save(analysis: Analysis) -> None:
        errors.extend(write_all(outputs, analysis))

    with Progress(Console(stderr=True), quiet=quiet) as progress:
        report = run(target, options, cache, SimpleIndex(cache, refresh=refresh, progress=progress), progress, save)
    if not quiet and not any(one.is_standard_output for one in outputs):
        print_out(summarize(report))
    if errors:
        raise type(errors[0])("; ".join(map(str, errors)))
    if report.completeness.status != "complete":
        raise typer.Exit(EXIT_INCOMPLETE)


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


def _installer(name: str) -> Installer:
    if name in get_args(Installer):
        return cast("Installer", name)
    raise UsageError(f"--installer {name}: unknown; use uv or pip")
