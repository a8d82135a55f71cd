/* SPDX-License-Identifier: GPL-2.0-or-later
 * The records of the log, as they stand in the file: little-endian, no padding. analyzer/trace reads them.
 */
#ifndef FUMEHOOD_RECORD_H
#define FUMEHOOD_RECORD_H

#include "helpers.h"

enum record_kind { ENTER = 1, EXIT = 2, FORK = 3, EXEC = 4, TASK_EXIT = 5, SOCKET_STATE = 6, CLOCK_READ = 7, IO_URING = 9 };
/* AT_EXIT: the entry is told when the call returns, because the kernel refused it (seccomp) or it began before the watching did. */
enum record_flag { CUT = 1, UNREAD = 2, AT_EXIT = 4 };
enum arch { X86_64 = 1, I386 = 2, X32 = 3, AARCH64 = 4, ARM = 5 };
enum chunk_type { STRING = 1, BUFFER = 2, SOCKADDR = 3, STRINGS = 4, STRUCT = 5, IOVEC = 6, STRING_AGAIN = 7, INTS = 8, CONTROL = 9, NAMES = 10 };
/* In place of an argument's index: what the call gave. */
enum { RESULT = 6 };

struct ids {
	u32 pid, tid, inner_pid, inner_tid;
};
struct header {
	u32 size;
	u16 kind, flags;
	u64 time;
	struct ids ids;
};
struct call_head {
	u32 nr, arch;
};
struct enter {
	struct header header;
	struct call_head call;
	u64 arguments[6];
};
struct exit {
	struct header header;
	struct call_head call;
	s64 result;
};
struct fork {
	struct header header;
	struct ids child;
	u64 clone_flags;
};
struct task_exit {
	struct header header;
	u32 code, group_dead;
	u64 runtime, most_memory;
};
struct socket_state {
	struct header header;
	u16 family, protocol, source_port, destination_port;
	u32 old_state, new_state;
	u8 source[16], destination[16];
};
struct clock_read {
	struct header header;
	u32 clock;
};
struct io_uring {
	struct header header;
	u32 opcode;
	u64 user_data;
} __attribute__((packed));

#endif
