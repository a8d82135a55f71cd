"""The first process of a machine, as the package finds it in /proc/1 of the embedded sandbox.

There it is bubblewrap, with the package's user: it would be open to being taken over, holds the outer /proc, and says by its command line
what it is. So a folder lies over it that reads as systemd's does to an ordinary user (proc(5); read on Debian 12).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

PLACE: Final = "/proc/1"

CLOSED_FOLDERS: Final = ("fd", "ns")
"""Folders that an ordinary user may not enter; whoever lays out the namespaces closes them."""

_STAT: Final = (
    "1 (systemd) S 0 1 1 0 -1 4194560 21846 1873922 97 1544 231 318 4127 1906 20 0 1 0 8 172531712 3319 18446744073709551615 "
    "1 1 0 0 0 0 671173123 4096 1260 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
)
_STATUS: Final = """Name:\tsystemd
Umask:\t0000
State:\tS (sleeping)
Tgid:\t1
Ngid:\t0
Pid:\t1
PPid:\t0
TracerPid:\t0
Uid:\t0\t0\t0\t0
Gid:\t0\t0\t0\t0
FDSize:\t256
Groups:\t\x20
NStgid:\t1
NSpid:\t1
NSpgid:\t1
NSsid:\t1
VmPeak:\t  234032 kB
VmSize:\t  168488 kB
VmLck:\t       0 kB
VmPin:\t       0 kB
VmHWM:\t   13276 kB
VmRSS:\t   13276 kB
VmData:\t   19872 kB
VmStk:\t     132 kB
VmExe:\t      40 kB
VmLib:\t   10976 kB
VmPTE:\t      92 kB
VmSwap:\t       0 kB
Threads:\t1
SigQ:\t0/63432
SigPnd:\t0000000000000000
ShdPnd:\t0000000000000000
SigBlk:\t7be3c0fe28014a03
SigIgn:\t0000000000001000
SigCgt:\t00000001000004ec
CapInh:\t0000000000000000
CapPrm:\t000001ffffffffff
CapEff:\t000001ffffffffff
CapBnd:\t000001ffffffffff
CapAmb:\t0000000000000000
NoNewPrivs:\t0
Seccomp:\t0
Seccomp_filters:\t0
voluntary_ctxt_switches:\t6121
nonvoluntary_ctxt_switches:\t1038
"""
_SCHED: Final = f"""systemd (1, #threads: 1)
{"-" * 67}
se.exec_start                                :      41873215.907311
se.vruntime                                  :          9176.402266
se.sum_exec_runtime                          :          5493.261907
se.nr_migrations                             :                 1377
nr_switches                                  :                 7159
nr_voluntary_switches                        :                 6121
nr_involuntary_switches                      :                 1038
se.load.weight                               :              1048576
policy                                       :                    0
prio                                         :                  120
"""

_OF_A_THREAD: Final = {"comm": "systemd\n", "stat": _STAT, "status": _STATUS, "cgroup": "0::/init.scope\n"}
_READABLE: Final = {
    **_OF_A_THREAD,
    "cmdline": "/sbin/init\0",
    "sched": _SCHED,
    "statm": "42122 3319 2304 10 0 5001 0\n",
    "loginuid": "4294967295",
    "oom_score": "0\n",
    "oom_score_adj": "0\n",
}
_UNREADABLE: Final = (
    "auxv", "environ", "io", "maps", "mem", "mountinfo", "mounts", "mountstats", "pagemap", "personality", "smaps", "stack",
    "syscall", "gid_map", "setgroups", "uid_map",
)  # fmt: skip
_LINKS: Final = {"cwd": "/", "exe": "/usr/lib/systemd/systemd", "root": "/"}
"""An ordinary user may not even read these, which no link of ours can do; they lead nowhere that is not open anyway."""


def furnish(folder: Path) -> None:
    """Makes the folder, with what is in it. Its owner can remove all of it again."""
    thread = folder / "task" / "1"
    for one in (folder, folder / "task", thread, *(folder / name for name in CLOSED_FOLDERS)):
        one.mkdir()
        one.chmod(0o755)
    for place, texts in ((folder, _READABLE), (thread, _OF_A_THREAD)):
        for name, text in texts.items():
            (place / name).write_text(text, encoding="ascii")
            (place / name).chmod(0o444)
    for name in _UNREADABLE:
        (folder / name).touch(mode=0o000)
    for name, target in _LINKS.items():
        (folder / name).symlink_to(target)
