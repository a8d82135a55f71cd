"""A module that tries to reach whatever is outside of its sandbox, and prints how far it came, as JSON behind the word FACTS.

The test puts into it: TARGETS, pairs of an address and a port; NAMES, of abstract sockets of the host; TOKEN, which it sends everywhere.
"""

import ctypes
import errno
import json
import os
import socket
import struct

TARGETS = ()
NAMES = ()
TOKEN = b""

LIBC = ctypes.CDLL(None, use_errno=True)
SECONDS = 3
NEW_USER, NEW_NET = 0x10000000, 0x40000000
NEW_LINK, NEW_ADDRESS, NEW_ROUTE = 16, 20, 24  # linux/rtnetlink.h
REQUEST, CREATE, REPLACE = 1, 0x400, 0x100  # linux/netlink.h
OTHER_PROTOCOLS = {
    "SCTP": (socket.SOCK_STREAM, 132),
    "DCCP": (6, 33),
    "UDP-Lite": (socket.SOCK_DGRAM, 136),
    "ICMP": (socket.SOCK_DGRAM, 1),
    "any": (socket.SOCK_RAW, 255),
    "raw ICMP": (socket.SOCK_RAW, 1),
}
SOCKETS = (
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/systemd/private",
    "/dev/log",
    "/run/dbus/system_bus_socket",
)


def attempt(action, *arguments):
    """The name of the error of something that is tried, or that it worked."""
    try:
        action(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
    return "worked"


def descriptors():
    """What is open here before anything is done."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[name] = os.readlink("/proc/self/fd/" + name)
        except OSError:
            continue
    return found


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def tcp(address, port):
    with socket.socket(family(address), socket.SOCK_STREAM) as line:
        line.settimeout(SECONDS)
        line.connect((address, port))
        line.sendall(TOKEN)


def send(address, port, kind=socket.SOCK_DGRAM, protocol=0, options=()):
    with socket.socket(family(address), kind, protocol) as line:
        for option in options:
            line.setsockopt(*option)
        line.settimeout(SECONDS)
        line.sendto(TOKEN, (address, port))


def ping(address, kind):
    six = family(address) == socket.AF_INET6
    with socket.socket(family(address), kind, socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP) as line:
        line.sendto(struct.pack("!BBHHH", 128 if six else 8, 0, 0, 1, 1) + TOKEN, (address, 0))


def packet():
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3) as line:
        line.bind(("lo", 0))
        line.send(b"\xff" * 12 + b"\x08\x00" + TOKEN)


def local(name, kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_UNIX, kind) as line:
        line.settimeout(SECONDS)
        line.connect(name)
        line.send(TOKEN)


def netlink(kind, body):
    """A request to the kernel to change the network; raises what it answers."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as line:
        line.bind((0, 0))
        line.send(struct.pack("=LHHLL", 16 + len(body), kind, REQUEST | CREATE | REPLACE | 4, 1, 0) + body)
        (code,) = struct.unpack_from("=i", line.recv(4096), 16)
    if code:
        raise OSError(-code, "refused")


def attribute(kind, content):
    return struct.pack("=HH", 4 + len(content), kind) + content + bytes(-len(content) % 4)


def change_network():
    gateway = attribute(5, socket.inet_aton("172.17.0.1")) + attribute(4, struct.pack("=I", 1))
    link = attribute(3, b"out0\0") + attribute(18, attribute(1, b"veth"))
    return {
        "route": attempt(netlink, NEW_ROUTE, struct.pack("=BBBBBBBBI", 2, 0, 0, 0, 254, 4, 0, 1, 0) + gateway),
        "link": attempt(netlink, NEW_LINK, struct.pack("=BxHiII", 0, 0, 0, 0, 0) + link),
        "address": attempt(
            netlink, NEW_ADDRESS, struct.pack("=BBBBI", 2, 24, 0, 0, 1) + attribute(2, socket.inet_aton("172.17.0.9"))
        ),
    }


def enter(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if LIBC.setns(descriptor, 0):
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(descriptor)


def unshare(flags):
    if LIBC.unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")


def vsock():
    with socket.socket(40, socket.SOCK_STREAM) as line:
        line.connect((2, TARGETS[0][1]))


def option(name, value):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.setsockopt(socket.SOL_SOCKET, name, value)


def pids():
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())


facts = {"descriptors": descriptors()}
facts["tcp"] = {"%s %d" % pair: attempt(tcp, *pair) for pair in TARGETS}
facts["udp"] = {"%s %d" % pair: attempt(send, *pair) for pair in TARGETS}
facts["everybody"] = {
    "broadcast": attempt(
        send, "255.255.255.255", TARGETS[0][1], socket.SOCK_DGRAM, 0, [(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)]
    ),
    "multicast": attempt(send, "224.0.0.251", TARGETS[0][1]),
}
facts["protocols"] = {
    name: {address: attempt(send, address, port, *kind) for address, port in TARGETS if ":" not in address}
    for name, kind in OTHER_PROTOCOLS.items()
}
facts["raw"] = {
    "packet": attempt(packet),
    **{"ping " + address: attempt(ping, address, socket.SOCK_RAW) for address, _ in TARGETS},
}
facts["unix"] = {
    **{path: attempt(local, path) for path in SOCKETS},
    **{"@" + name: attempt(local, "\0" + name) for name in NAMES},
    **{"datagram @" + name: attempt(local, "\0" + name, socket.SOCK_DGRAM) for name in NAMES},
}
facts["netlink"] = change_network()
facts["namespaces"] = {
    **{"setns %d" % pid: attempt(enter, "/proc/%d/ns/net" % pid) for pid in pids()},
    "unshare net": attempt(unshare, NEW_NET),
    "unshare user and net": attempt(unshare, NEW_USER | NEW_NET),
}
facts["options"] = {
    "SO_MARK": attempt(option, 36, 0x2F1),
    "SO_BINDTODEVICE": attempt(option, socket.SO_BINDTODEVICE, b"eth0\0"),
}
facts["vsock"] = attempt(vsock)
facts["local sockets"] = [line.split()[-1] for line in open("/proc/net/unix") if " @" in line]
facts["links"] = [name for _, name in socket.if_nameindex()]
print("FACTS" + json.dumps(facts))
