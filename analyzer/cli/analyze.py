"""`fumehood analyze TARGET`: what does this package do?"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console

from analyzer.acquire import Cache, SimpleIndex
from analyzer.cli.configuration import RulesOption, rule_folders
from analyzer.cli.outputs import parse
from analyzer.cli.printing import print_out
from analyzer.pipeline import Options
from analyzer.pipeline import analyze as run
from analyzer.pipeline.analyze import Analysis
from analyzer.render.progress import Progress
from analyzer.render.terminal import summarize
from analyzer.sandbox.interface import MIB, Limits

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
    timeout: Annotated[
        float | None, typer.Option(min=1, max=_MAX_SECONDS, metavar="SECONDS", help="Time limit of each phase.")
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FORMAT=PATH",
            help="Write json, html, pcap, record, attack-layer or mbc; may be given again.",
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
        sandbox=sandbox, runtime=runtime, tracer=tracer, python=python, limits=limits, rules=rule_folders(rules)
    )
    cache = Cache()

    def save(analysis: Analysis) -> None:
        for one in outputs:
            one.write(analysis)

    with Progress(Console(stderr=True), quiet=quiet) as progress:
        report = run(target, options, cache, SimpleIndex(cache, refresh=refresh, progress=progress), progress, save)
    if not quiet and not any(str(one.path) in {"-", "/dev/stdout"} for one in outputs):
        print_out(summarize(report))
    if report.completeness.status != "complete":
        raise typer.Exit(EXIT_INCOMPLETE)
