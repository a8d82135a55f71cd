"""What the kernel and its settings allow: namespaces, the sealed network, seccomp, cgroups, types for a tracer."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Final

from analyzer.sandbox.bases import one_line
from analyzer.sandbox.checks import Check, run
from analyzer.sandbox.tools import find_tool

# The simulated internet stands on this rule; a kernel without nft_tproxy or policy routing refuses it.
_SEALED_NETWORK: Final = """
ip link set lo up
ip route add local default dev lo
nft -f - <<'END'
table ip probe {
  chain in {
    type filter hook prerouting priority mangle
    ip daddr != 127.0.0.0/8 meta l4proto tcp tproxy to :9000 accept
  }
}
END
"""


def user_namespaces() -> Check:
    """Whether an ordinary user may make namespaces; Debian and Ubuntu each have a switch of their own."""
    good = Check("user namespaces", "ok", "allowed", needed_for="the embedded sandbox without root")
    if _setting("user/max_user_namespaces") == "0":
        return replace(good, status="missing", found="none allowed", remedy="sysctl user.max_user_namespaces=10000")
    if _setting("kernel/unprivileged_userns_clone") == "0":
        remedy = "sysctl kernel.unprivileged_userns_clone=1, or run as root"
        return replace(good, status="weak", found="allowed for root only", remedy=remedy)
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return replace(
            good,
            status="weak",
            found="restricted by AppArmor",
            remedy="give bwrap an AppArmor profile with `userns,`, run as root, or "
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0",
        )
    return good


def bubblewrap_start() -> Check:
    """Whether a bubblewrap sandbox really starts, whatever the settings say."""
    links = [
        part
        for name in ("bin", "lib", "lib64", "sbin")
        if Path("/", name).is_symlink()
        for part in ("--symlink", f"usr/{name}", f"/{name}")
    ]
    mounts = ("--ro-bind", "/usr", "/usr", *links, "--proc", "/proc", "--dev", "/dev")
    answer = run(find_tool("bwrap"), "--unshare-all", "--die-with-parent", *mounts, "/usr/bin/true")
    needed_for = "the embedded sandbox"
    if answer.returncode == 0:
        return Check("bubblewrap start", "ok", "a namespace starts", needed_for=needed_for)
    remedy = "see the line about user namespaces, or use --sandbox docker"
    return Check("bubblewrap start", "missing", one_line(answer.stderr.splitlines()), remedy, needed_for)


def sealed_network() -> Check:
    """Whether the kernel takes the rules of the simulated internet, tried in a network namespace of its own."""
    as_root = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    path = f"PATH={os.pathsep.join((os.environ.get('PATH', os.defpath), '/usr/sbin', '/sbin'))}"
    answer = run("env", path, "unshare", *as_root, "--net", "sh", "-e", "-c", _SEALED_NETWORK)
    needed_for = "the simulated internet"
    if answer.returncode == 0:
        return Check("sealed network", "ok", "a network namespace takes transparent proxy rules", needed_for=needed_for)
    found = one_line(answer.stderr.splitlines()[:3])
    return Check("sealed network", "missing", found, "a kernel with nft_tproxy (modprobe nft_tproxy)", needed_for)


def seccomp() -> Check:
    """Whether the kernel filters system calls."""
    actions = _setting("kernel/seccomp/actions_avail").split()
    if {"errno", "trace"} <= set(actions):
        return Check("seccomp", "ok", " ".join(actions), needed_for="both sandboxes")
    return Check(
        "seccomp", "missing", " ".join(actions) or "none", "a kernel with CONFIG_SECCOMP_FILTER", "both sandboxes"
    )


def cgroups() -> Check:
    """Which cgroups there are, and whether this user may make some."""
    root = Path("/sys/fs/cgroup")
    version = 2 if (root / "cgroup.controllers").is_file() else 1
    places = [root] if version == 2 else [root / "memory", root / "pids"]
    needed_for = "limits on memory and processes in the embedded sandbox"
    if all(os.access(place, os.W_OK) for place in places):
        return Check("cgroups", "ok", f"version {version}, writable", needed_for=needed_for)
    remedy = "run as root, or under `systemd-run --user --scope -p Delegate=yes`"
    return Check("cgroups", "weak", f"version {version}, not writable", remedy, needed_for)


def btf() -> Check:
    """Whether the kernel describes its types, which a tracer in the kernel needs."""
    needed_for = "tracing in the kernel; strace does without"
    if Path("/sys/kernel/btf/vmlinux").is_file():
        return Check("kernel types (BTF)", "ok", "present", needed_for=needed_for)
    return Check("kernel types (BTF)", "missing", "absent", "a kernel with CONFIG_DEBUG_INFO_BTF", needed_for)


def _setting(name: str) -> str:
    """A kernel setting below /proc/sys; empty where the kernel does not have it."""
    path = Path("/proc/sys", name)
    return path.read_text().strip() if path.is_file() else ""
