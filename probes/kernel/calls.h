/* SPDX-License-Identifier: GPL-2.0-or-later
 * The system calls that are recorded, and of which kind their arguments are. The loader fills the map from a table; no program here
 * knows a call by its number.
 */
#ifndef FUMEHOOD_CALLS_H
#define FUMEHOOD_CALLS_H

#include "helpers.h"

/* Read at entry; from KINDS_OUT on, read at exit. "length" is the next argument, "size" is the table's. */
enum argument_kind {
	NOTHING,
	PATH,		/* a string; told again at exit, so that a change between is seen */
	STRING_IF,	/* a string if the first argument is `size` (prctl) */
	BUFFER_IN,	/* length bytes, of which the first `size` are told */
	SOCKADDR_IN,	/* an address of length bytes */
	STRINGS_IN,	/* an array of strings that a null ends */
	STRUCT_IN,	/* `size` bytes */
	IOVEC_IN,	/* length iovecs, of whose bytes the first `size` are told */
	MESSAGE_IN,	/* a msghdr: its address, and the first `size` bytes */
	MESSAGES_IN,	/* length mmsghdrs */
	LOCK_IN,	/* `size` bytes, a flock, if the argument before says that it is one (fcntl) */
	KINDS_OUT = 16,
	BUFFER_OUT = KINDS_OUT, /* as many bytes as the call returns, of which the first `size` are told */
	SOCKADDR_OUT,	/* an address; its length stands where the next argument points */
	STRUCT_OUT,	/* `size` bytes */
	INTS_OUT,	/* `size` bytes of ints: descriptors */
	IOVEC_OUT,
	MESSAGE_OUT,
	MESSAGES_OUT,
};

/* WANTED_QUIETLY: recorded of a sandbox that is marked as quiet (watch.h), where a trusted installer runs. */
/* OPENS: gives a descriptor of what a path led to. MOVES: changes the working folder. */
enum { WANTED = 1, CREATES = 2, EXECUTES = 4, WANTED_QUIETLY = 8, OPENS = 16, MOVES = 32 };

struct call {
	u8 kinds[6];
	u8 use; /* of whom it is wanted, and what is special about it */
	u8 spare;
	u16 sizes[6];
};

enum { NUMBERS = 1024, CALLS = 2 * NUMBERS };

/* By number: those of 64-bit calls (x32 among them) first, then those of 32-bit ones. */
struct {
	MAP_NUMBER(type, ARRAY);
	MAP_NUMBER(max_entries, CALLS);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, struct call);
} calls SEC(".maps");

#endif
