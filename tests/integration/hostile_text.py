"""A package that brings hostile text to a report by every way that there is, for test_hostile_text.py."""

from __future__ import annotations

from tests.packages import core_metadata

MARK = "window.__owned=1"
"""Stands in every text, so that a test can tell that it arrived, and a page would tell that it ran."""

PAYLOADS = (
    f"\x1b]0;t\x07\x1b[2J\x9b31m\r\x08\x7f\x85{MARK}",
    f"<script>{MARK}<_script>",
    f"\"><img src=x onerror='{MARK}'>",
    f"\x1b]8;;https:_x.example\x1b\\{MARK}\x1b]52;c;b3duZWQ=\x07",
    f"\u202egnp\u202c\u2066\u2069\u200b\ufeff\u2028\u2029{MARK}",
    f"[link=x][bold]{{{{7*7}}}}[_]{MARK}",
    f"=1+1,'\"\n{MARK}\n fumehood: forged",
    f"{MARK}" + "Z\u0301\u0301\u0301\u0301" * 20,
    f"\udcff\udc80{MARK}",
)
"""As names of files can be: without slash and NUL."""

MODULE = """
import ctypes, os, socket, struct, subprocess, sys

PAYLOADS = {payloads!r}
MARK = {mark!r}
HOME = os.path.expanduser("~")


def name(text):
    return text.encode("utf-8", "surrogateescape")[:250]


def act():
    for number, text in enumerate(PAYLOADS):
        folder = os.fsencode(HOME) + b"/d%d" % number
        os.mkdir(folder)
        path = folder + b"/" + name(text)
        open(path, "wb").close()
        os.symlink(name(text), folder + b"/link")
        os.rename(path, path[:-1])
        print(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
        os.write(2, b"\\xff\\x00" + name(text) + b"\\n")
        program = folder + b"/x" + name(text)[:80]
        with open(program, "wb") as file:
            file.write(open("/bin/true", "rb").read())
        os.chmod(program, 0o755)
        subprocess.run([program, name(text), b"x" * 100_000], env={{b"X" + name(text).replace(b"=", b""): name(text)}})
        ctypes.CDLL(None).prctl(15, ctypes.c_char_p(name(text)[:15]), 0, 0, 0)
    talk_to_all()


sys.stdout.write("spam \\x1b[2J " * 100_000)
sys.stdout.flush()


def say(port, *parts):
    try:
        with socket.create_connection(("192.0.2.7", port), timeout=5) as talk:
            talk.settimeout(0.5)
            for part in parts:
                talk.sendall(part)
                try:
                    talk.recv(4096)
                except OSError:
                    pass
    except OSError:
        pass


def talk_to_all():
    every = b" ".join(name(text).replace(b"\\n", b" ").replace(b"\\r", b" ") for text in PAYLOADS)
    say(80, b"POST /" + name(PAYLOADS[1] + PAYLOADS[2].replace(" ", "%20")) + b" HTTP/1.1\\r\\nHost: a.example\\r\\nX-Evil: " + name(PAYLOADS[1]) + b"\\r\\nContent-Length: "
        + str(len(every)).encode() + b"\\r\\n\\r\\n" + every)
    say(21, b"", b"USER " + every[:400] + b"\\r\\n", b"PASS x\\r\\n", b"STOR " + every[:400] + b"\\r\\n")
    say(25, b"", b"EHLO " + every[:200] + b"\\r\\n", b"MAIL FROM:<" + every[:200] + b">\\r\\n")
    say(6667, b"NICK " + name(PAYLOADS[1]) + b"\\r\\nUSER a b c :" + every[:200] + b"\\r\\nJOIN #" + name(PAYLOADS[1]) + b"\\r\\n")
    say(22, b"SSH-2.0-" + every[:100] + b"\\r\\n")
    say(4444, every)

    host = name(PAYLOADS[1])
    server = struct.pack(">HHHBH", 0, len(host) + 5, len(host) + 3, 0, len(host)) + host
    body = b"\\3\\3" + bytes(32) + b"\\0" + b"\\0\\2\\x13\\1" + b"\\1\\0" + struct.pack(">H", len(server)) + server
    hello = b"\\1" + len(body).to_bytes(3, "big") + body
    say(443, b"\\x16\\3\\1" + struct.pack(">H", len(hello)) + hello)

    for text in PAYLOADS:
        label = name(text)[:60]
        query = b"\\x12\\x34\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0" + bytes([len(label)]) + label + b"\\7example\\0\\0\\1\\0\\1"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(2)
            server = [line.split()[1] for line in open("/etc/resolv.conf") if line.startswith("nameserver")][0]
            try:
                asking.sendto(query, (server, 53))
                asking.recv(4096)
            except OSError:
                pass


if not os.path.exists(HOME + "/d0"):  # it is imported more than once
    act()


def harmless():
    raise ValueError(PAYLOADS[0] + "y" * 1_000_000)


harmless.__qualname__ = harmless.__name__ = PAYLOADS[1]
harmless.__module__ = __name__
globals()[PAYLOADS[1]] = harmless
source = "import os\\nopen(os.path.expanduser('~/from-a-hostile-file'), 'w').close()\\nraise kind(text)"
kind = type(PAYLOADS[2], (Exception,), {{}})
"""

RAISING = """
from hostile_text import HOME, PAYLOADS, kind, source
exec(compile(source, "/" + PAYLOADS[3] + PAYLOADS[1] + ".py", "exec"), {"kind": kind, "text": PAYLOADS[0] * 50_000})
"""


def modules() -> dict[str, str]:
    """The package's modules by path, with names that an installer lets through: no control characters."""
    return {
        "hostile_text/__init__.py": MODULE.format(payloads=PAYLOADS, mark=MARK),
        "hostile_text/raising.py": RAISING,
        f"hostile_text/{PAYLOADS[1]}.py": "raise RuntimeError(__name__)",
        f"hostile_text/{{{{7*7}}}}{MARK}.py": "",
        f"hostile_text/{PAYLOADS[5]}.txt": "",
    }


def files() -> dict[str, str]:
    """What is only read: an address, a file's name and licences that would do harm where they were not made visible.

    Names for documentation are nothing remarkable in a file, so the address has one whose top-level domain does not exist.
    """
    metadata = core_metadata("hostile-text", "1.0").replace("Name:", f"License: {PAYLOADS[1]} \x1b[2J\nName:", 1)
    return {
        f"hostile_text/{PAYLOADS[1]}.txt": f"see http://h.nowhere:8081/\u202e{MARK};{{{{7*7}}}}[bold]\u200b",
        "hostile_text-1.0.dist-info/METADATA": metadata,
        "hostile_text-1.0.dist-info/LICENSE": f"{PAYLOADS[2]}\nGNU GENERAL PUBLIC LICENSE Version 3 {PAYLOADS[0]}",
    }
