"""Logs of what ran: system calls, the interpreter probe, files, the network."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from dissector.dissection import dissect
from dissector.greetings import http_request, tls_greeting
from dissector.packets import CaptureError
from internet.capture import file_header, packet_header

from analyzer.pipeline.judging.failures import reason_of
from analyzer.pipeline.judging.lastwords import last_words
from analyzer.trace.calls.calllog import KernelLog, StraceLog
from analyzer.trace.calls.kernel import trace
from analyzer.trace.canonical.normalising import Normaliser
from analyzer.trace.logs import probe, strace
from analyzer.trace.logs.literals import arguments, unescape
from analyzer.trace.packets import network
from analyzer.trace.packets.labels import hidden
from analyzer.trace.packets.protocols import recognise
from analyzer.trace.secrets import add_secrets
from analyzer.trace.timeline import StepTexts, Timeline, add_network, add_step
from analyzer.trace.tree import trees
from tests.fuzz.target import target
from tests.unit.trace.kernel_logs import Log
from tests.unit.trace.making import COMMAND, INSTALLED, START

STRACE = (
    b"10  1000.100000 ", b"11  1000.200000 ", b"openat(AT_FDCWD, ", b'"a"', b'"\\x41', b"...", b", ", b"{sa_family=AF_INET, ", b"}", b"[", b"]",
    b") = 0", b") = -1 ENOENT (No such file or directory)", b") = ?", b" <unfinished ...>", b"<... openat resumed>", b"+++ exited with 0 +++",
    b"+++ killed by SIGKILL +++", b"+++ superseded by execve in pid 10 +++", b"--- SIGCHLD {", b"/* 7 in strace's PID NS */", b"\n", b"\\", b'"',
    b"connect(3, ", b"execve(", b"clone(", b"sendto(3, ", b"recvmsg(3, ", b"fcntl(3, F_DUPFD, ", b"close(3", b"mmap(NULL, ", b"99999999999999999999",
    b"socket(AF_INET, SOCK_STREAM, IPPROTO_TCP", b"sin_port=htons(", b'sin_addr=inet_addr("', b"renameat2(", b"chdir(", b"msg_iov=[{iov_base=",
)  # fmt: skip
BEGIN = f"10  1000.000000 {START}\n"
FULL = Log().started().data
"""A kernel tracer's log in which the command has begun."""


def _text(data: bytes) -> list[str]:
    return data.decode("utf-8", "surrogateescape").splitlines(keepends=True)


@target(*STRACE, guided=True)
def strace_lines(data: bytes) -> None:
    log = StraceLog("steps/01-import.strace", lambda: [BEGIN, *_text(data)])
    trace(log, COMMAND, "/home/u", cut=1001.0)
    log.texts({1, 2})
    for item in strace.read(_text(data)):
        assert isinstance(item, strace.Item)


@target(*STRACE, guided=True)
def strace_arguments(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    arguments(text)
    unescape(text)


@target(
    b"\x01\0\0\0",
    b"\x02\0\0\0",
    b"\x28\0\0\0",
    b"\x58\0\1\0",
    b"\xff" * 8,
    b"/etc/passwd\0",
    b"\2\0\0P\x7f\0\0\1",
    b"\0" * 8,
    guided=True,
)
def kernel_log(data: bytes) -> None:
    """Bytes behind a beginning that is right."""
    for log in (
        KernelLog("steps/01-import.kernel", lambda: [FULL, data]),
        KernelLog("steps/01-import.kernel", lambda: [data[at : at + 7] for at in range(0, min(len(data), 2000), 7)]),
    ):
        trace(log, "/usr/bin/python", "/home/u", cut=1001.0)
        log.texts({1, 2, 3, 4})


@target(b"\x01\0\0\0", b"\xff" * 8, b"\0" * 8, guided=True)
def kernel_records(data: bytes) -> None:
    """Records of a right shape: kind, process and payload are the input's, each payload up to the byte 0xFE of the input."""
    log = Log().started()
    for piece in data.split(b"\xfe")[:40]:
        kind, pid, rest = piece[:1], piece[1:2], piece[2:]
        log.record(int.from_bytes(kind, "little"), rest[:60_000], pid=10 + int.from_bytes(pid, "little") % 4)
    kept = KernelLog("steps/01-import.kernel", lambda: [log.data])
    trace(kept, "/usr/bin/python", "/home/u", cut=1001.0)
    kept.texts(set(range(1, 30)))


@target(
    b'{"t":1000.5,"p":7,"n":1,"e":"open","a":["a"],"f":"b.py","l":3,"m":"m","s":[["b.py",2]]}',
    b"\n",
    b'"e":"start"',
    b'"e":"beat"',
    b'"e":"reached"',
    b"NaN",
    b"1e999",
    b'"\\ud800"',
    b"[",
    b"9" * 400,
)
def probe_lines(data: bytes) -> None:
    list(probe.read(_text(data)))
    log = StraceLog("steps/01-import.strace", lambda: [BEGIN, '10  1000.600000 openat(AT_FDCWD, "a", O_RDONLY) = 3\n'])
    step = StepTexts("import", "01-import", COMMAND, "/home/u", 999, 2000, log, _text(data), ends=("a",))
    add_step(Timeline(), step, INSTALLED)


LINE = b'{"kind":"http","time":1000.5,"client":["192.168.1.23",4000],"server":["192.0.2.1",80],"source":["192.168.1.23",4000],"destination":["192.0.2.1",80]}'


@target(
    LINE,
    b"\n",
    b'"kind":"',
    b'"tls"',
    b'"dns"',
    b'"end"',
    b'"flow"',
    b'"exchange"',
    b"\0PACKETS\0",
    b"NaN",
    b"1e999",
    b"-1",
    b'"\\ud800"',
    b"null",
    b",",
    b"{",
    b"}",
)
def network_lines(data: bytes) -> None:
    """What the simulated internet and the dissector wrote, and what the search for secrets found."""
    exchanges, _, rest = data.partition(b"\0PACKETS\0")
    packets, _, secrets = rest.partition(b"\0PACKETS\0")
    network.read(_text(exchanges), _text(packets))
    timeline = Timeline()
    peers = add_network(timeline, _text(exchanges), _text(packets), [(999.0, "import", 1)])
    add_secrets(timeline, _text(secrets), [(999.0, "import", 1)], peers)


@target(
    b'{"path":"/a","type":"file","mode":"0644","size":1,"mtime":1,"inode":2,"head":"x"}',
    b"\n",
    b'"symlink"',
    b'"target":',
    b'"\\ud800"',
    b"9" * 400,
    b"NaN",
)
def tree_lines(data: bytes) -> None:
    middle = len(data) // 2
    trees.compare(trees.read(_text(data[:middle]))[0], trees.read(_text(data[middle:]))[0])


@target(b".example.com\n", b"data.", b"MFRGG", b"aGVsbG8", b"48656c6c6f", b"0.", b"1.", b"-", b"=")
def names_that_hide_data(data: bytes) -> None:
    hidden(data.decode("utf-8", "replace").split("\n"))


@target(b"GET / HTTP/1.1\r\n", b"\x16\x03\x01", b"\x05\x01\x00", b"\0\1\0\0\x21\x12\xa4\x42", b"SSH-2.0-")
def first_bytes(data: bytes) -> None:
    recognise(data, "tcp", 80)
    recognise(data, "udp", 53)
    http_request(data)
    tls_greeting(data)


@target(
    b"Traceback (most recent call last):\n",
    b'  File "a.py", line 1, in <module>\n',
    b"ImportError: No module named 'x'\n",
    b"error: ",
    b"\r",
    b"\x1b[31m",
    b"'",
    b"`",
    b"`a.b'",
)
def printed(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    last_words(text)
    reason_of(text, {"x"})
    Normaliser(["sample"], "1.0")(text)


@target(
    b"\x08\0E\0",
    b"\x86\xdd`\0\0\0",
    b"\x11",
    b"\x06",
    b"\x3a",
    b"\0\x35",
    b"\x01a\0\0\1\0\1",
    b"\xc0\x0c",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\0FRAME\0",
)
def packets(data: bytes) -> None:
    """Frames of a capture, with the byte string FRAME between them; and a capture that is these bytes."""
    frames = data.split(b"\0FRAME\0")[:20]
    records = [packet_header((100 + at) * 10**9, len(one), len(one)) + one for at, one in enumerate(frames)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "c.pcap"
        for content in (file_header() + b"".join(records), data):
            path.write_bytes(content)
            try:
                dissect(path, StringIO(), frozenset(), 1000)
            except CaptureError:
                assert content is data
