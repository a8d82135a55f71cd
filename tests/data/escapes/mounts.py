"""Mounts: another view of the file system, or the host's."""

from burglar.tools import call, tell

BIND, REMOUNT, CLONE = 0x1000, 0x20, 1  # linux/mount.h

tell("mounts", {
    "mount": call("mount", b"none", b"/tmp", b"tmpfs", 0, None),
    "bind": call("mount", b"/", b"/tmp", None, BIND, None),
    "remount": call("mount", None, b"/usr", None, BIND | REMOUNT, None),
    "proc": call("mount", b"proc", b"/tmp", b"proc", 0, None),
    "umount": call("umount2", b"/proc", 2),
    "fsopen": call("fsopen", b"ext4", 0),
    "fspick": call("fspick", -100, b"/", 0),
    "fsmount": call("fsmount", -1, 0, 0),
    "open_tree": call("open_tree", -100, b"/", CLONE),
    "move_mount": call("move_mount", -100, b"/usr", -100, b"/tmp", 0),
    "mount_setattr": call("mount_setattr", -100, b"/usr", 0, bytes(32), 32),
    "pivot_root": call("pivot_root", b"/tmp", b"/tmp"),
    "chroot": call("chroot", b"/tmp"),
})
