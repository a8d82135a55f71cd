"""Files that run with their owner's rights: the system's, and one of its own making."""

import os
import shutil
import subprocess

from burglar.tools import call, outcome, tell

HERE = os.path.dirname(os.path.abspath(__file__))
HOME = os.path.expanduser("~")


def own(folder):
    """Runs a copy of the helper as its owner; raises what it says of rights that it has."""
    path = folder + "/raised"
    shutil.copyfile(HERE + "/helper", path)
    os.chmod(path, 0o6755)
    try:
        os.chown(path, 0, 0)
    except OSError:
        pass
    said = subprocess.run([path], capture_output=True, text=True).stdout
    if "uid %d %d" % (os.getuid(), os.getuid()) in said and "root no" in said:
        raise OSError(1, "no rights")


def theirs(*command):
    """Runs one of the system's and raises where it did not do it."""
    ended = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL)
    if ended.returncode:
        raise OSError(1, "refused")


tell("setuid", {
    "own in home": outcome(own, HOME),
    "own in tmp": outcome(own, "/tmp"),
    "own in shm": outcome(own, "/dev/shm"),
    "su": outcome(theirs, "su", "-c", "id"),
    "mount": outcome(theirs, "mount", "-t", "tmpfs", "none", "/tmp"),
    "umount": outcome(theirs, "umount", "/proc"),
    "sudo": outcome(theirs, "sudo", "-n", "id"),
    "pkexec": outcome(theirs, "pkexec", "id"),
    "unshare": outcome(theirs, "unshare", "-Ur", "id"),
    "nsenter": outcome(theirs, "nsenter", "-t", "1", "-m", "id"),
    "setuid": outcome(os.setuid, 0),
    "setresuid": outcome(os.setresuid, 0, 0, 0),
    "setgroups": outcome(os.setgroups, [0]),
    "capset": call("capset", b"\x22\x05\x08\x20" + bytes(4), b"\xff" * 24),
    "capability": outcome(os.setxattr, HOME + "/raised", "security.capability", bytes.fromhex("0100000200000020") + bytes(12)),
})
