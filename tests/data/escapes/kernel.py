"""Parts of the kernel that are kept from ordinary programs, and what is the machine's and not a package's."""

import os
import struct

from burglar.tools import call, in_child, outcome, raw, tell

REBOOT = (0xFEE1DEAD - (1 << 32), 672274793, 0x01234567)
FIFO = 1
DEADLINE = struct.pack("=IIQiIQQQ", 48, 6, 0, 0, 0, 10_000_000, 100_000_000, 100_000_000)

tell("kernel", {
    "bpf": call("bpf", 0, bytes(72), 72),
    "perf_event_open": call("perf_event_open", bytes(112), 0, -1, -1, 0),
    "userfaultfd": call("userfaultfd", 0),
    "userfaultfd user": call("userfaultfd", 1),
    "io_uring": call("io_uring_setup", 8, bytes(120)),
    "kexec_load": call("kexec_load", 0, 0, None, 0),
    "kexec_file_load": call("kexec_file_load", -1, -1, 1, b"", 0),
    "init_module": call("init_module", b"\x7fELF", 4, b""),
    "finit_module": call("finit_module", 0, b"", 0),
    "delete_module": call("delete_module", b"escape", 0),
    "swapon": call("swapon", b"/tmp/swap", 0),
    "swapoff": call("swapoff", b"/tmp/swap"),
    "reboot": call("reboot", *REBOOT, None),
    "acct": call("acct", b"/tmp/accounts"),
    "quotactl": call("quotactl", 0x80000701, b"/dev/vda", 0, bytes(64)),
    "settimeofday": call("settimeofday", bytes(16), None),
    "clock_settime": call("clock_settime", 0, bytes(16)),
    "adjtimex": call("adjtimex", b"\x01" + bytes(255)),
    "iopl": call("iopl", 3),
    "ioperm": call("ioperm", 0x80, 1, 1),
    "nice": outcome(os.nice, -5),
    "setpriority": call("setpriority", 0, 0, -10),
    "ioprio": call("ioprio_set", 1, 0, 1 << 13),
    "realtime": call("sched_setscheduler", 0, FIFO, (50).to_bytes(4, "little")),
    "deadline": call("sched_setattr", 0, DEADLINE, 0),
    "personality": in_child(lambda: raw("personality", 0x0040000)),
    "vhangup": call("vhangup"),
    "lookup_dcookie": call("lookup_dcookie", 0, bytes(100), 100),
})
