from __future__ import annotations

import pytest

from analyzer.model.event import (
    SocketAccept,
    SocketBind,
    SocketConnect,
    SocketCreate,
    SocketListen,
    SocketOption,
    SocketReceive,
    SocketSend,
)
from analyzer.trace.calls.kernel import trace
from tests.unit.trace.making import DATA, acts, details, text_log

TCP = "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 3"
PEER = '{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("192.0.2.1")}'
CONNECTED = (TCP, f"connect(3, {PEER}, 16) = 0")
UDP = "socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3"


@pytest.mark.parametrize(
    ("address", "family", "where", "port"),
    [
        (PEER, "AF_INET", "192.0.2.1", 80),
        ('{sa_family=AF_INET6, sin6_port=htons(9), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}',
         "AF_INET6", "2001:db8::1", 9),
        ('{sa_family=AF_INET6, sin6_port=htons(9), inet_pton(AF_INET6, "::ffff:192.0.2.1", &sin6_addr)}',
         "AF_INET6", "192.0.2.1", 9),
        ('{sa_family=AF_UNIX, sun_path="/run/so,ck"}', "AF_UNIX", "/run/so,ck", 0),
        ('{sa_family=AF_UNIX, sun_path=@"abs\\"tract\\1"}', "AF_UNIX", '@abs"tract\x01', 0),
        ("{sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}", "AF_NETLINK", "", 0),
        ("{sa_family=AF_UNSPEC}", "AF_UNSPEC", "", 0),
        ("NULL", "", "", 0),
    ],
)  # fmt: skip
def test_addresses(address: str, family: str, where: str, port: int) -> None:
    assert details(TCP, f"connect(3, {address}, 16) = 0")[1] == SocketConnect(
        family, "SOCK_STREAM", where, port, pending=False, error=""
    )


@pytest.mark.parametrize(
    ("result", "pending", "error", "outcome"),
    [
        ("= 0", False, "", "completed"),
        ("= -1 EINPROGRESS (Operation now in progress)", True, "", "completed"),
        ("= -1 ECONNREFUSED (Connection refused)", False, "ECONNREFUSED", "attempted"),
    ],
)
def test_results_of_connect(result: str, error: str, outcome: str, *, pending: bool) -> None:
    act = acts(TCP, f"connect(3, {PEER}, 16) {result}")[1]
    assert act.detail == SocketConnect("AF_INET", "SOCK_STREAM", "192.0.2.1", 80, pending, error)
    assert act.outcome == outcome


def test_life_of_a_server() -> None:
    found = details(
        TCP,
        'bind(3, {sa_family=AF_INET, sin_port=htons(8000), sin_addr=inet_addr("0.0.0.0")}, 16) = 0',
        "listen(3, 128) = 0",
        'accept4(3, {sa_family=AF_INET, sin_port=htons(51000), sin_addr=inet_addr("198.51.100.1")}, [16], 0) = 4',
        'recvfrom(4, "GET ", 4, 0, NULL, NULL) = 4',
        'write(4, "HTTP", 4) = 4',
        "accept4(3, NULL, NULL, 0 <unfinished ...>",
    )
    assert found == [
        SocketCreate("AF_INET", "SOCK_STREAM", "IPPROTO_TCP", ""),
        SocketBind("AF_INET", "SOCK_STREAM", "0.0.0.0", 8000, ""),
        SocketListen("AF_INET", "SOCK_STREAM", "0.0.0.0", 8000, ""),
        SocketAccept("AF_INET", "SOCK_STREAM", "198.51.100.1", 51000, ""),
        SocketReceive("AF_INET", "SOCK_STREAM", "198.51.100.1", 51000, 4, ""),
        SocketSend("AF_INET", "SOCK_STREAM", "198.51.100.1", 51000, 4, "HTTP", ""),
        SocketAccept("AF_INET", "SOCK_STREAM", "", 0, "unfinished"),
    ]


@pytest.mark.parametrize(
    ("call", "size", "head"),
    [
        ('sendto(3, "a\\0\\377\\"", 4, 0, NULL, 0) = 4', 4, 'a\x00\\xff"'),
        ('write(3, "tls", 3) = 3', 3, "tls"),
        ('writev(3, [{iov_base="one", iov_len=3}, {iov_base="two", iov_len=3}], 2) = 6', 6, "onetwo"),
        (
            'sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="one", iov_len=3}], msg_iovlen=1}, 0) = 3',
            3,
            "one",
        ),
        ('sendto(3, "' + "z" * 300 + '"..., 900, 0, NULL, 0) = 900', 900, "z" * 96),
    ],
)
def test_every_way_to_send(call: str, size: int, head: str) -> None:
    assert details(*CONNECTED, call)[2:] == [SocketSend("AF_INET", "SOCK_STREAM", "192.0.2.1", 80, size, head, "")]


def test_a_refused_send_sent_nothing() -> None:
    (sent,) = details(*CONNECTED, 'sendto(3, "a", 1, 0, NULL, 0) = -1 EPIPE (Broken pipe)')[2:]
    assert sent == SocketSend("AF_INET", "SOCK_STREAM", "192.0.2.1", 80, 0, "a", "EPIPE")


def test_a_datagram_names_its_own_peer() -> None:
    (sent,) = details(UDP, f'sendto(3, "hi", 2, 0, {PEER}, 16) = 2')[1:]
    assert sent == SocketSend("AF_INET", "SOCK_DGRAM", "192.0.2.1", 80, 2, "hi", "")


def test_sendmmsg_tells_each_message() -> None:
    """Recorded: the second goes to another peer than the first."""
    log = (DATA / "messages.strace").read_text().splitlines()
    found = [act.detail for act in trace(text_log(log), "/home/u/more", "/home/u").acts]
    assert [one for one in found if isinstance(one, SocketSend)] == [
        SocketSend("AF_INET", "SOCK_DGRAM", "127.0.0.1", 5300, 5, "first", ""),
        SocketSend("AF_INET", "SOCK_DGRAM", "127.0.0.2", 5301, 14, "second, longer", ""),
    ]
    assert [one for one in found if isinstance(one, SocketReceive)] == [
        SocketReceive("AF_INET", "SOCK_DGRAM", "127.0.0.1", 5300, 5, "")
    ]


@pytest.mark.parametrize(
    ("call", "size", "error"),
    [
        ('recvfrom(3, "abcd", 9, 0, NULL, NULL) = 4', 4, ""),
        ('recvfrom(3, "", 9, 0, NULL, NULL) = 0', 0, ""),
        ("recvfrom(3, 0x7f, 9, MSG_DONTWAIT, NULL, NULL) = -1 EAGAIN (x)", 0, "EAGAIN"),
        (
            'recvmsg(3, {msg_name=0x7f, msg_namelen=16 => 0, msg_iov=[{iov_base="abc", iov_len=9}]}, 0) = 3',
            3,
            "",
        ),
        ("recvmsg(3, 0x7f, 0) = -1 EAGAIN (x)", 0, "EAGAIN"),
    ],
)
def test_every_way_to_receive(call: str, size: int, error: str) -> None:
    assert details(*CONNECTED, call)[2:] == [SocketReceive("AF_INET", "SOCK_STREAM", "192.0.2.1", 80, size, error)]


def test_pairs_are_sockets() -> None:
    (sent,) = details("socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, [4, 5]) = 0", 'write(5, "x", 1) = 1')
    assert sent == SocketSend("AF_UNIX", "SOCK_STREAM", "", 0, 1, "x", "")


def test_a_descriptor_that_was_passed_is_not_taken_for_an_old_one() -> None:
    passing = (
        'recvmsg(9, {msg_name=NULL, msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=1, '
        "msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[3]}]}, 0) = 1"
    )
    assert not [one for one in details(*CONNECTED, passing, 'write(3, "x", 1) = 1') if isinstance(one, SocketSend)]


def test_recorded_sockets() -> None:
    log = (DATA / "sockets.strace").read_text().splitlines()
    found = [act.detail for act in trace(text_log(log), "/usr/bin/python3", "/home/u").acts]
    assert [(one.family, one.address, one.error) for one in found if isinstance(one, SocketConnect)] == [
        ("AF_INET", "127.0.0.1", ""),
        ("AF_INET6", "::1", ""),
        ("AF_INET6", "192.0.2.1", ""),
        ("AF_UNIX", "/nope/so,ck", "ENOENT"),
        ("AF_UNIX", '@abs"tract\x01', "ECONNREFUSED"),
        ("AF_UNIX", "@" + "9" * 20, "ECONNREFUSED"),
        ("AF_INET", "127.0.0.1", ""),
    ]
    sent = [
        one for one in found if isinstance(one, SocketSend) and (one.family, one.type) == ("AF_INET", "SOCK_STREAM")
    ]
    assert [one.head for one in sent][1:] == [
        "onetwo", "by write", "", "dup", "dup2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "level", "name", "error"),
    [
        ("setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0", "SOL_SOCKET", "SO_REUSEADDR", ""),
        ("setsockopt(3, SOL_IP, IP_HDRINCL, [1], 4) = -1 EPERM (x)", "SOL_IP", "IP_HDRINCL", "EPERM"),
        ("setsockopt(3, SOL_TCP, 0x63 /* TCP_??? */, [1], 4) = 0", "SOL_TCP", "0x63", ""),
    ],
)
def test_options(call: str, level: str, name: str, error: str) -> None:
    assert details(TCP, call)[1:] == [SocketOption("AF_INET", "SOCK_STREAM", level, name, error)]
