"""A report in which there is something of everything: a package that steals a key, and a run that was cut short."""

from __future__ import annotations

from analyzer.model.report import (
    Beacon,
    BehaviorReport,
    CallableCoverage,
    Completeness,
    Connection,
    Coverage,
    DnsData,
    DnsQuery,
    FailedModule,
    Files,
    HttpExchange,
    LayerAccount,
    LimitUse,
    MissingCommand,
    ModuleCoverage,
    Network,
    NetworkLeftOut,
    Package,
    PhaseResult,
    ProcessNode,
    ProtocolExchange,
    Report,
    SandboxFacts,
    ScriptCoverage,
    Skipped,
    TlsFacts,
    Usage,
)
from tests.unit.render.sample import START, behavior, change, evidence, location, package_file, process, quiet_report


def rich_report() -> Report:
    """A package that steals a key at install and import, and was stopped in its last phase."""
    return quiet_report(
        package=Package(
            name="acme-telemetry",
            version="1.4.2",
            files=[
                package_file("acme_telemetry-1.4.2.tar.gz", 48_211),
                package_file("certifi-2025.8.3-py3-none-any.whl", 161_216, "dependency"),
                package_file("requests-2.32.5-py3-none-any.whl", 64_738, "dependency"),
                package_file("setuptools-80.9.0-py3-none-any.whl", 1_201_486, "build"),
            ],
        ),
        sandbox=SandboxFacts(
            backend="docker",
            runtime="runc",
            tracer="strace",
            python="3.13.2",
            network="simulated",
            usage=Usage(peak_memory_bytes=118_400_000, cpu_seconds=4.27, max_processes=9),
        ),
        completeness=Completeness(
            status="incomplete",
            events=12_480,
            dropped=214,
            reasons=[
                "phase execute was stopped after 60 s",
                "214 events were lost: the trace of execute is over 64 MiB",
            ],
            layers=[
                LayerAccount(layer="syscall", received=31_204, unreadable=2, dropped=212, events=11_902),
                LayerAccount(layer="packet", received=301, unreadable=0, dropped=0, events=288),
                LayerAccount(layer="filesystem", received=2_410, unreadable=0, dropped=0, events=180),
                LayerAccount(layer="interpreter", received=140, unreadable=0, dropped=0, events=110),
            ],
            truncated=["steps/05-execute.strace"],
            limits=[
                LimitUse(name="import_seconds", used=0.874, limit=120, unit="seconds", what="import"),
                LimitUse(name="execute_seconds", used=60.0, limit=60, unit="seconds", what="execute"),
                LimitUse(name="trace_bytes", used=67_108_864, limit=67_108_864, unit="bytes", what="execute"),
                LimitUse(name="processes", used=9, limit=256, unit="count"),
            ],
            commands_missing=[
                MissingCommand(
                    name="xdotool",
                    searches=2,
                    phases=["import"],
                    attribution=["package"],
                    distribution="acme-telemetry",
                    location=location("acme_telemetry/_collect.py", 80),
                )
            ],
        ),
        coverage=Coverage(
            phases=["install", "startup", "import", "execute"],
            modules=ModuleCoverage(
                total=18,
                imported=16,
                failed=[
                    FailedModule(
                        name="acme_telemetry.win",
                        error="ModuleNotFoundError: No module named 'winreg'",
                        reason="other platform",
                        missing="winreg",
                    ),
                    FailedModule(
                        name="acme_telemetry.loop", error="cut when its time was over", reason="cut after 20 s"
                    ),
                ],
            ),
            scripts=ScriptCoverage(total=2, run=1, cut=["acme-agent"]),
            callables=CallableCoverage(
                found=152,
                called=140,
                raised=31,
                cut=2,
                skipped=4,
                not_tried=8,
                skips=[Skipped(why="it ends the interpreter", count=4)],
            ),
        ),
        phases=[
            PhaseResult(name="install", status="ok", duration_seconds=2.381),
            PhaseResult(name="startup", status="ok", duration_seconds=0.042),
            PhaseResult(
                name="import",
                status="failed",
                duration_seconds=0.874,
                detail="acme_telemetry.win: ModuleNotFoundError: No module named 'winreg'",
            ),
            PhaseResult(
                name="execute", status="timeout", duration_seconds=60.0, detail="acme-agent --help did not end"
            ),
        ],
        behaviors=_behaviors(),
        network=_network(),
        processes=_processes(),
        files=Files(
            created=[
                change("/home/user/.config/acme", type="directory"),
                change("/home/user/.config/acme/state.json", location=location("acme_telemetry/_send.py", 64)),
                change("/home/user/.local/share/applications/acme.desktop", pid=31, process="sh"),
                change("/site-packages/acme-hook.pth", phase="install", pid=0, process=""),
            ],
            modified=[change("/home/user/.bashrc", location=location("acme_telemetry/_collect.py", 90))],
            deleted=[change("/tmp/acme.lock", attribution="dependency", distribution="requests")],
            renamed=[
                change(
                    "/home/user/.config/acme/state.json.tmp",
                    target="/home/user/.config/acme/state.json",
                    location=location("acme_telemetry/_send.py", 66),
                )
            ],
        ),
    )


def _behaviors() -> list[BehaviorReport]:
    collect = "acme_telemetry/_collect.py"
    connect = [
        evidence(
            f"connects to 203.0.113.{n}:443",
            3.1 + n / 10,
            event="socket.connect",
            location=location("acme_telemetry/_send.py", 88 + n % 2),
        )
        for n in range(1, 41)
    ]
    return [
        behavior(
            "settings.time.query",
            "Queries the system time.",
            "info",
            [
                evidence("time.time()", 2.60, layer="interpreter", event="python.call", location=location(collect, 12)),
                evidence(
                    "datetime.now()",
                    2.61,
                    layer="interpreter",
                    event="python.call",
                    location=location("requests/cookies.py", 9, "requests"),
                ),
            ],
            attribution=["package", "dependency"],
            mbc=["C0033"],
            attack=["T1124"],
            aliases=["Queries the system time."],
        ),
        behavior("network.tcp.connect", "Connects to a TCP peer.", "low", connect, count=1240, mbc=["C0001.004"]),
        behavior(
            "network.url.nonstandard-port",
            "Uses a URL with a non-standard port.",
            "medium",
            [
                evidence(
                    "http://collect.acme.example:8081/v1/batch",
                    3.62,
                    event="network.http",
                    layer="packet",
                    pid=0,
                    process="",
                ),
            ],
        ),
        behavior(
            "network.http.connect",
            "Connects through HTTP.",
            "low",
            [
                evidence(
                    "POST http://collect.acme.example:8081/v1/batch",
                    3.62,
                    event="network.http",
                    layer="packet",
                    location=location("acme_telemetry/_send.py", 91),
                ),
            ],
            attribution=["dependency"],
            mbc=["C0002"],
        ),
        behavior(
            "steal.ssh-key.read",
            "Reads SSH private keys.",
            "critical",
            [
                evidence(
                    "reads /home/user/.ssh/id_ed25519",
                    1.204,
                    phase="install",
                    pid=17,
                    process="python3.13",
                    location=location("setup.py", 31),
                    during="install",
                ),
                evidence(
                    "reads /home/user/.ssh/id_ed25519",
                    2.655,
                    location=location(collect, 41),
                    during="import of acme_telemetry._collect",
                ),
                evidence("reads /home/user/.ssh/id_rsa", 2.658, location=location(collect, 41)),
                evidence("reads /home/user/.ssh/id_rsa", 2.658, layer="interpreter", event="python.call"),
            ],
            attack=["T1552.004"],
            mbc=["E1552"],
        ),
        behavior(
            "execution.shell.run",
            "Starts a shell.",
            "high",
            [
                evidence(
                    "sh -c 'uname -a; id'",
                    2.702,
                    event="process.exec",
                    pid=31,
                    process="sh",
                    location=location(collect, 77),
                ),
            ],
            attack=["T1059.004"],
            mbc=["E1059"],
        ),
        behavior(
            "autostart.interpreter.hook",
            "Installs a .pth file or sitecustomize.",
            "high",
            [
                evidence(
                    "created /site-packages/acme-hook.pth: import os;exec(…)",
                    2.2,
                    phase="install",
                    layer="filesystem",
                    event="file.tree",
                    pid=0,
                    process="",
                ),
            ],
            attack=["T1546.018"],
            mbc=["F0015"],
        ),
        behavior(
            "file.rename",
            "Renames a file or directory.",
            "info",
            [
                evidence(
                    "/home/user/.config/acme/state.json.tmp to /home/user/.config/acme/state.json",
                    3.9,
                    event="file.rename",
                ),
            ],
            mbc=["C0063"],
        ),
        behavior(
            "evasion.debugger.prevent",
            "Uses anti-debugging methods.",
            "medium",
            [
                evidence(
                    "ptrace(PTRACE_TRACEME)",
                    7.5,
                    event="process.control",
                    phase="execute",
                    during="call of acme_telemetry.guard:Guard.start",
                ),
            ],
            outcome="attempted",
            called_only=True,
            attack=["T1622"],
            mbc=["B0001"],
        ),
    ]


def _network() -> Network:
    send, collect = location("acme_telemetry/_send.py", 88), location("acme_telemetry/_collect.py", 41)
    act: dict[str, object] = {
        "phase": "import",
        "pid": 23,
        "process": "python3.13",
        "during": "import of acme_telemetry",
    }

    def dns(
        name: str, at: float, kind: str = "A", answers: tuple[str, ...] = ("203.0.113.7",), decoded: str = ""
    ) -> DnsQuery:
        fields = {"name": name, "type": kind, "server": "192.0.2.53", "answers": list(answers), "decoded": decoded}
        return DnsQuery.model_validate(act | fields | {"time": START + at, "location": collect})

    def http(method: str, url: str, status: int, at: float, **changes: object) -> HttpExchange:
        sizes = {
            "request_bytes": 1_842,
            "response_bytes": 211,
            "version": "1.1",
            "response_type": "text/html; charset=utf-8",
        }
        fields = {"method": method, "url": url, "status": status, "tls": url.startswith("https"), "time": START + at}
        return HttpExchange.model_validate(act | sizes | fields | {"location": send} | changes)

    def connection(address: str, port: int, at: float, **changes: object) -> Connection:
        fields: dict[str, object] = {
            "transport": "tcp",
            "address": address,
            "port": port,
            "direction": "outgoing",
            "established": True,
            "sent_bytes": 2_210,
            "received_bytes": 1_409,
            "time": START + at,
            "location": send,
            "protocol": "unknown",
            "duration_seconds": 0.25,
        }
        return Connection.model_validate(act | fields | changes)

    named: dict[str, object] = {"names": ["collect.acme.example"], "protocol": "http"}
    seen = TlsFacts(
        name="collect.acme.example", version="TLSv1.3", alpn="h2", offered=["h2", "http/1.1"],
        ja4="t13d1516h2_8daaf6152771_e5627efa2ab1", status="seen-through",
    )  # fmt: skip
    pinned = TlsFacts(
        name="pinned.acme.example", offered=["http/1.1"], ja4="t13d1516h1_8daaf6152771_e5627efa2ab1", status="pinned"
    )
    return Network(
        dns=[
            dns("collect.acme.example", 3.0),
            dns("collect.acme.example", 3.001, "AAAA", ("2001:db8::7",)),
            dns("no-such-host.acme.example", 3.2, answers=()),
            dns("0.nbxxg5b5o5xxe2y.t.acme.example", 3.3, decoded="host=work"),
        ],
        dns_data=[
            DnsData(domain="t.acme.example", encoding="base32", format="text", names=3, size=38, data="host=workstation user=alex"),
            DnsData(domain="x.acme.example", encoding="hex", format="gzip", names=120, size=14_200, data="\x1f\\x8b\x08"),
        ],
        connections=[
            connection("203.0.113.7", 8081, 3.61, head="POST /v1/batch HTTP/1.1\r\nHost: collect.acme.example:8081\r\n", **named),
            connection("2001:db8::7", 443, 3.7, tls=seen, head="PRI * HTTP/2.0\r\n", **named),
            connection("203.0.113.8", 443, 3.8, tls=pinned, protocol="tls"),
            connection("192.0.2.53", 53, 3.0, transport="udp", sent_bytes=72, received_bytes=104, location=None),
            connection("198.51.100.9", 4444, 4.2, established=False, sent_bytes=0, received_bytes=0),
            connection("192.168.1.77", 40112, 4.8, direction="incoming", sent_bytes=0, received_bytes=18, protocol="silent"),
        ]
        + [connection(f"203.0.113.{n}", 443, 5 + n / 10) for n in range(1, 11)],
        http=[
            http(
                "POST", "http://collect.acme.example:8081/v1/batch", 200, 3.62, body='{"host": "workstation"}',
                headers=["content-type: application/json", "user-agent: acme/1.4.2"],
            ),
            http("GET", "https://collect.acme.example/agent/linux-x86_64/update.tar.gz?id=6f1c2b7a90e94d1f", 404, 3.71, mark="f-3107"),
            http("GET", "http://203.0.113.7/raw", 0, 3.9, names=["collect.acme.example"], response_type=""),
        ],
        exchanges=[
            ProtocolExchange.model_validate(
                act | {"protocol": "mqtt", "verb": "PUBLISH", "url": "mqtt://198.51.100.9:1883/acme/state", "sent_bytes": 96}
                | {"time": START + 4.3, "tls": False, "location": send}
            ),
        ],
        beacons=[
            Beacon.model_validate(
                act | {"kind": "connection", "endpoint": "203.0.113.9:4444", "count": 12, "interval_seconds": 4.98, "jitter": 0.08}
                | {"time": START + 5.0, "last": START + 59.8, "location": send}
            )
        ],
        cut=["a connection to port 4444 was closed after 30 idle seconds"],
        left_out=NetworkLeftOut(dns=1204),
    )  # fmt: skip


def _processes() -> list[ProcessNode]:
    names = [process(32, ["uname", "-a"], 2.71), process(33, ["id"], 2.72, exit="SIGKILL")]
    shell = process(31, ["sh", "-c", "uname -a; id"], 2.7, names)
    build = process(17, ["/usr/bin/python3", "setup.py", "bdist_wheel"], 1.1, phase="install", exit="0")
    install = ["uv", "pip", "install", "--offline", "acme-telemetry"]
    driver = ["/usr/bin/python3", "driver.py", "import", "acme_telemetry"]
    return [
        process(2, install, 0.0, [build], phase="install", attribution="installer"),
        process(20, ["/usr/bin/python3", "-c", "pass"], 2.4, phase="startup", attribution="interpreter"),
        process(23, driver, 2.5, [shell], attribution="interpreter", exit="1"),
        process(
            40,
            ["/home/user/bin/acme-agent", "--help"],
            6.0,
            phase="execute",
            exit="SIGKILL",
            duration_seconds=60.0,
            directory="/tmp",
            during="script acme-agent --help",
        ),
    ]
