"""A module that tries, from inside a sandbox, what no package may do, and prints what came of it as one JSON object.

It is the text of a test's wheel: it runs on Python 3.9 and later, and is never imported by the tests.
"""

import ctypes
import errno
import itertools
import json
import os
import socket
import sys

ADDRESSES = ()
"""Addresses and ports outside of the sandbox: (address, port) pairs that the test puts here."""

NUMBERS = {
    "x86_64": {
        "socket": 41, "clone": 56, "ptrace": 101, "pivot_root": 155, "chroot": 161, "mount": 165, "swapon": 167, "reboot": 169,
        "sethostname": 170, "init_module": 175, "add_key": 248, "keyctl": 250, "unshare": 272, "perf_event_open": 298,
        "open_by_handle_at": 304, "setns": 308, "process_vm_writev": 311, "bpf": 321, "userfaultfd": 323,
        "io_uring_setup": 425, "fsopen": 430, "pidfd_open": 434, "clone3": 435, "pidfd_getfd": 438,
    },
    "aarch64": {
        "socket": 198, "clone": 220, "ptrace": 117, "pivot_root": 41, "chroot": 51, "mount": 40, "swapon": 224, "reboot": 142,
        "sethostname": 161, "init_module": 105, "add_key": 217, "keyctl": 219, "unshare": 97, "perf_event_open": 241,
        "open_by_handle_at": 265, "setns": 268, "process_vm_writev": 271, "bpf": 280, "userfaultfd": 282,
        "io_uring_setup": 425, "fsopen": 430, "pidfd_open": 434, "clone3": 435, "pidfd_getfd": 438,
    },
}[os.uname().machine]  # fmt: skip

LIBC = ctypes.CDLL(None, use_errno=True)
NEW_USER, NEW_NET, NEW_MOUNT, CHILD_SIGNAL = 0x10000000, 0x40000000, 0x20000, 17
FAMILIES = {"AF_VSOCK": 40, "AF_ALG": 38, "AF_BLUETOOTH": 31, "AF_TIPC": 30, "AF_XDP": 44}
PTRACE_ATTACH = 16


def call(name, *arguments):
    """What a raw system call returns: its error's name, or that it worked."""
    ctypes.set_errno(0)
    result = LIBC.syscall(NUMBERS[name], *(ctypes.c_long(one) if isinstance(one, int) else one for one in arguments))
    return "worked" if result >= 0 else errno.errorcode.get(ctypes.get_errno(), "?")


def attempt(action, *arguments):
    """The name of the error of something that is tried, or that it worked."""
    try:
        action(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
    return "worked"


def status():
    with open("/proc/self/status") as lines:
        return dict(line.rstrip("\n").split(":\t", 1) for line in lines if ":\t" in line)


def write(folder):
    with open(os.path.join(folder, "written"), "w"):
        pass


def reopen(path, flags):
    descriptor = os.open(path, os.O_RDONLY)
    os.close(os.open("/proc/self/fd/%d" % descriptor, flags))


def tamper(path):
    """What can be done to a file that is only to be read."""
    return {
        "append": attempt(lambda: open(path, "ab").close()),
        "truncate": attempt(os.truncate, path, 0),
        "chmod": attempt(os.chmod, path, 0o666),
        "chown": attempt(os.chown, path, os.getuid(), os.getgid()),
        "utime": attempt(os.utime, path),
        "unlink": attempt(os.unlink, path),
        "rename": attempt(os.rename, path, path + ".old"),
        "link": attempt(os.link, path, os.path.expanduser("~/link")),
        "reopen": attempt(reopen, path, os.O_WRONLY),
        "replace": attempt(os.replace, sys.executable, path),
    }


def everything_below(folder):
    return (os.path.join(where, name) for where, _, names in os.walk(folder) for name in names)


def descriptors():
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[name] = os.readlink("/proc/self/fd/" + name)
        except OSError:
            continue  # the one that listed the folder
    return found


def ask(address, port):
    with socket.create_connection((address, port), timeout=5) as peer:
        peer.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return peer.recv(4000).decode("latin-1")


def other_processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]


def listing(path):
    try:
        return sorted(os.listdir(path))
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))


def calls():
    own_network = os.open("/proc/self/ns/net", os.O_RDONLY)
    buffer = ctypes.create_string_buffer(256)
    return {
        "mount": call("mount", b"none", b"/tmp", b"tmpfs", 0, None),
        "unshare user": call("unshare", NEW_USER),
        "unshare net": call("unshare", NEW_NET),
        "unshare mount": call("unshare", NEW_MOUNT),
        "clone user": call("clone", NEW_USER | CHILD_SIGNAL, 0, 0, 0, 0),
        "clone3": call("clone3", 0, 0),
        "setns": call("setns", own_network, 0),
        "ptrace parent": call("ptrace", PTRACE_ATTACH, os.getppid(), 0, 0),
        "ptrace first": call("ptrace", PTRACE_ATTACH, 1, 0, 0),
        "process_vm_writev": call("process_vm_writev", 1, buffer, 1, buffer, 1, 0),
        "pidfd_getfd": call("pidfd_getfd", LIBC.syscall(NUMBERS["pidfd_open"], 1, 0), 3, 0),
        "keyctl": call("keyctl", 0, -3, 0),
        "add_key": call("add_key", b"user", b"name", b"value", 5, -3),
        "bpf": call("bpf", 0, 0, 0),
        "io_uring_setup": call("io_uring_setup", 8, buffer),
        "userfaultfd": call("userfaultfd", 0),
        "perf_event_open": call("perf_event_open", buffer, 0, -1, -1, 0),
        "pivot_root": call("pivot_root", b"/tmp", b"/tmp"),
        "chroot": call("chroot", b"/tmp"),
        "init_module": call("init_module", 0, 0, b""),
        "open_by_handle_at": call("open_by_handle_at", -1, 0, 0),
        "sethostname": call("sethostname", b"x", 1),
        "swapon": call("swapon", b"/x", 0),
        "fsopen": call("fsopen", b"tmpfs", 0),
        "raw socket": attempt(socket.socket, socket.AF_INET, socket.SOCK_RAW, 1),
        "packet socket": attempt(socket.socket, socket.AF_PACKET, socket.SOCK_RAW, 0),
        **{name: attempt(socket.socket, number, socket.SOCK_STREAM, 0) for name, number in FAMILIES.items()},
        # The kernel looks at the lower half of an int argument only, and so has a filter to do.
        "AF_VSOCK in disguise": call("socket", (1 << 32) | FAMILIES["AF_VSOCK"], socket.SOCK_STREAM, 0),
        "setuid": attempt(os.setuid, 0),
        "nice": attempt(os.nice, -5),
    }


PLACES = (
    "/", "/usr", "/usr/lib", "/etc", "/srv", "/srv/packages", "/srv/runner", "/srv/overlay", "/opt", "/opt/uv", "/run",
    "/run/session", "/dev", "/proc", "/sys", "/home", "/root", "/var", "/record", "/tmp", os.path.expanduser("~"),
    "/dev/shm",
)  # fmt: skip
SECRETS = (
    "/var/run/docker.sock", "/run/docker.sock", "/opt/probes", "/srv/seccomp.bpf", "/srv/site", "/record/plan.json",
    "/record/steps", "/record/probes/hood", "/run/session/certs", "/run/session/authorities",
)  # fmt: skip

facts = {
    "status": status(),
    "users": [os.getuid(), os.geteuid(), os.getgid(), os.getegid(), *os.getgroups()],
    "host": socket.gethostname(),
    "namespaces": {name: os.readlink("/proc/self/ns/" + name) for name in os.listdir("/proc/self/ns")},
    "writes": {place: attempt(write, place) for place in PLACES},
    "there": [path for path in SECRETS if os.path.exists(path)],
    "root": list(itertools.islice(everything_below("/root"), 5)) if os.access("/root", os.R_OK) else [],
    "homes": listing("/home"),
    "descriptors": descriptors(),
    "environment": dict(os.environ),
    "calls": calls(),
    "signals": {pid: attempt(os.kill, pid, 9) for pid in other_processes()},
    "memory": {pid: attempt(lambda pid=pid: open("/proc/%d/mem" % pid, "r+b").close()) for pid in other_processes()},
    "threads' memory": attempt(lambda: open("/proc/1/task/1/mem", "rb").close()),
    "first's descriptors": listing("/proc/1/fd"),
    "commands": {pid: open("/proc/%d/cmdline" % pid).read() for pid in other_processes()},
    "served": {
        path: tamper(path) for path in [*everything_below("/srv"), "/opt/uv/uv", "/etc/passwd", "/etc/resolv.conf"]
    },
    "interfaces": [name for _, name in socket.if_nameindex()],
    "answers": {"%s %d" % pair: ask(*pair) for pair in ADDRESSES},
}
print("FACTS" + json.dumps(facts))

writable = {os.path.expanduser("~"), "/tmp", "/dev/shm"}
broken = [path for path, came in facts["served"].items() if "worked" in came.values()]
broken += [path for path, came in facts["writes"].items() if (came == "worked") != (path in writable)]
# strace answers ptrace as if it had worked.
broken += [name for name, came in facts["calls"].items() if came == "worked" and not name.startswith("ptrace")]
if broken:
    raise RuntimeError("possible: " + ", ".join(broken))
