/* SPDX-License-Identifier: GPL-2.0-or-later
 * Records what the processes of watched pid namespaces ask of the kernel, for fumehood's analyzer on the same host.
 *
 * System calls at entry and exit, births, executions and deaths of tasks, states of TCP sockets, reads of libc's clock, and
 * requests to io_uring. Only typed tracepoints and uprobes: kprobes, fentry and LSM programs are refused on some hosts.
 * Everything that is read of a task's memory is hostile; each length is bounded before it is used.
 */
#include "clocks.h"
#include "sockets.h"
#include "syscalls.h"
#include "tasks.h"
#include "uring.h"

/* The kernel lends its helpers to GPL programs alone; the terms are in LICENSE beside this file. */
char terms[] SEC("license") = "GPL";
