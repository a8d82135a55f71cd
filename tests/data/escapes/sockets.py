"""Sockets of the host: the engine's, the system's, and abstract ones, which no file system hides."""

import socket

from burglar.tools import OUTSIDE, outcome, tell

PATHS = (
    "/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/podman/podman.sock",
    "/run/dbus/system_bus_socket", "/run/systemd/private", "/run/user/0/bus", "/run/snapd.socket",
)  # fmt: skip


def connect(name, kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_UNIX, kind) as line:
        line.connect(name)
        line.send(OUTSIDE["token"].encode())


tell("sockets", {
    **{path: outcome(connect, path) for path in PATHS},
    "abstract": outcome(connect, "\0" + OUTSIDE["abstract"]),
    "abstract datagram": outcome(connect, "\0" + OUTSIDE["abstract"], socket.SOCK_DGRAM),
    "containerd shim": outcome(connect, "\0/containerd-shim/moby/escape.sock"),
})
