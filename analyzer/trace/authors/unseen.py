"""TCP connections and listening sockets of which the kernel knows and no system call tells.

Memory that changes while the kernel reads it, operations without a call and calls whose arguments were not recorded leave
the kernel's own account of a socket as the only one. Such a state stands for the call, so that the same rules see it. A
connection that came in stands for none: the kernel takes it before the program does, and may do so for one that never will.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence

from analyzer.model.event import SocketConnect, SocketListen, SocketState
from analyzer.trace.calls.kernel import Act
from analyzer.trace.calls.processes import Process

_WINDOW_SECONDS = 5.0
"""How long after its call began a socket may change its state because of it: a busy machine stops threads in between."""
_CLOCK_SECONDS = 0.002
_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104 what a call may ask for; the kernel then takes the machine's own

_Key = tuple[Process, str, str, int]


def with_unseen(acts: Sequence[Act]) -> Sequence[Act]:
    """The acts in order, with a call behind each state of a socket that no call of the same process explains."""
    if not any(isinstance(act.detail, SocketState) for act in acts):
        return acts
    calls: dict[_Key, list[float]] = defaultdict(list)
    for act in acts:
        key = _key(act)
        if key is not None:
            calls[key].append(act.time)
    for times in calls.values():
        times.sort()
    found = []
    for act in acts:
        found.append(act)
        if isinstance(act.detail, SocketState) and not _explained(act, act.detail, calls):
            found += _standing_for(act, act.detail)
    return found


def _key(act: Act) -> _Key | None:
    """What a call on a TCP socket says: whose it is, what it does, and with which address and port."""
    detail = act.detail
    if isinstance(detail, SocketConnect) and detail.type == "SOCK_STREAM":
        return act.process, "connecting", "" if detail.address in _ANY else detail.address, detail.port
    if isinstance(detail, SocketListen) and detail.type == "SOCK_STREAM":
        return act.process, "listening", "", detail.port
    return None


def _explained(act: Act, state: SocketState, calls: dict[_Key, list[float]]) -> bool:
    keys: list[_Key]
    if state.state == "connecting":
        keys = [(act.process, state.state, where, state.port) for where in (state.address, "")]
    else:
        # Without a bind, or with one to port 0, the kernel chooses the port.
        keys = [(act.process, state.state, "", port) for port in (state.local_port, 0)]
    return any(_is_near(calls[key], act.time) for key in keys if key in calls)


def _is_near(times: list[float], time: float) -> bool:
    place = bisect_left(times, time - _WINDOW_SECONDS)
    return place < len(times) and times[place] <= time + _CLOCK_SECONDS


def _standing_for(act: Act, state: SocketState) -> Iterable[Act]:
    if state.state == "connecting":
        detail = SocketConnect(state.family, "SOCK_STREAM", state.address, state.port, pending=True, error="")
        yield act._replace(detail=detail)
    elif state.state == "listening":
        yield act._replace(detail=_listen(state))


def _listen(state: SocketState) -> SocketListen:
    return SocketListen(state.family, "SOCK_STREAM", state.local_address, state.local_port, error="")
