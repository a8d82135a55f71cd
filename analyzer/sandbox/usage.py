"""What the host sees of a running sandbox: memory, CPU time and number of processes, sampled with psutil.

A sample sums over the process tree; short-lived processes between samples are missed, so the figures are lower bounds.
"""

from __future__ import annotations

import threading
from types import TracebackType

import psutil

from analyzer.model.report import Usage

_INTERVAL_SECONDS = 0.1


class UsageSampler:
    """Samples the tree below a process until it is left. `limit_bytes`, where given, ends the tree when it takes more memory."""

    def __init__(self, pid: int, limit_bytes: int | None = None) -> None:
        self._pid = pid
        self._limit = limit_bytes
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample_until_stopped, daemon=True)
        self._peak = 0
        self._most = 0
        self._cpu: dict[tuple[int, float], float] = {}
        self.exceeded = False

    def __enter__(self) -> UsageSampler:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def usage(self) -> Usage:
        """The figures so far."""
        return Usage(peak_memory_bytes=self._peak, cpu_seconds=round(sum(self._cpu.values()), 3), max_processes=self._most)

    def _sample_until_stopped(self) -> None:
        while not self._stop.is_set():
            self._sample()
            self._stop.wait(_INTERVAL_SECONDS)

    def _sample(self) -> None:
        try:
            root = psutil.Process(self._pid)
            tree = [root, *root.children(recursive=True)]
        except psutil.Error:
            return
        memory = 0
        for process in tree:
            try:
                with process.oneshot():
                    memory += process.memory_info().rss
                    times = process.cpu_times()
                    self._cpu[process.pid, process.create_time()] = times.user + times.system
            except psutil.Error:
                continue
        self._peak = max(self._peak, memory)
        self._most = max(self._most, len(tree))
        if self._limit is not None and memory > self._limit and not self.exceeded:
            self.exceeded = True
            for process in reversed(tree[1:]):
                try:
                    process.kill()
                except psutil.Error:
                    continue
