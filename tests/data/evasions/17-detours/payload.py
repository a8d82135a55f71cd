"""Reaches what is secret by other names: links, folders' descriptors, `..` behind links, and the links of /proc."""

import contextlib
import os
import shutil
import socket
import subprocess


def read(path, **how):
    os.close(os.open(path, os.O_RDONLY, **how))


def main():
    home = os.path.expanduser("~")
    os.symlink(f"{home}/.ssh", "/tmp/music")
    read("/tmp/music/id_ed25519")
    os.rename("/tmp/music", "/tmp/videos")
    read("/tmp/videos/known_hosts")
    folder = os.open(f"{home}/.aws", os.O_PATH)
    read("credentials", dir_fd=folder)
    read(f"/proc/self/root{home}/.netrc")
    read(f"/proc/{os.getpid()}/fd/{folder}/config")
    os.chdir("/tmp/videos")
    read("../.pypirc")
    read("/proc/self/cwd/config")
    os.access("/proc/self/cwd/id_nothing", os.R_OK)
    with contextlib.suppress(OSError):
        read("/tmp/videos/../.docker/nothing.json")
    os.symlink(f"{home}/.bashrc", "/tmp/notes")
    os.chmod("/tmp/notes", 0o600)
    os.symlink(shutil.which("id"), "/tmp/player")
    subprocess.run(["/tmp/player"], check=False, stdout=subprocess.DEVNULL)
    os.chdir("/run")
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as engine:
        engine.connect("docker.sock")
    os.unlink("/tmp/videos/known_hosts")
    os.rename("/proc/self/root/tmp/videos/config", f"/proc/self/fd/{folder}/../moved")
