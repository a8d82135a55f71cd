"""Devices: nodes of its own, and those of the machine."""

import os
import stat

from burglar.tools import call, outcome, read, tell, write

DEVICES = (
    "kmsg", "mem", "port", "kvm", "fuse", "loop-control", "loop0", "vda", "sda", "net/tun", "vhost-vsock", "vhost-net", "userfaultfd",
    "btrfs-control", "snapshot", "nvram", "cpu/0/msr", "hwrng", "ttyS0", "console", "dri/card0",
)  # fmt: skip

tell("devices", {
    "mknod block": outcome(os.mknod, "/tmp/disk", 0o600 | stat.S_IFBLK, os.makedev(8, 0)),
    "mknod memory": outcome(os.mknod, "/tmp/memory", 0o600 | stat.S_IFCHR, os.makedev(1, 1)),
    "mknod console": outcome(os.mknod, os.path.expanduser("~/console"), 0o600 | stat.S_IFCHR, os.makedev(5, 1)),
    **{"read " + name: read("/dev/" + name) for name in DEVICES},
    **{"write " + name: write("/dev/" + name) for name in DEVICES},
    "syslog": call("syslog", 3, bytes(100), 100),
    "syslog clear": call("syslog", 5, None, 0),
})
