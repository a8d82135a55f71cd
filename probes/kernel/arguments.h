/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the arguments of a system call point at, by their kinds.
 */
#ifndef FUMEHOOD_ARGUMENTS_H
#define FUMEHOOD_ARGUMENTS_H

#include "chunks.h"

/*
 * A msghdr's address, bytes and control data: name, name's length (an int), iovecs, their count, control, its length.
 * Layout: struct user_msghdr.
 */
INLINE void put_message(struct draft *draft, u32 of, u32 index, u64 message, u64 length)
{
	u64 name = 0, name_length = 0, vector = 0, count = 0, control = 0, control_length = 0;
	u32 limit = draft->call.sizes[index];

	if (read_word(draft, message, 0, &name) || read_word(draft, message, 1, &name_length) ||
	    read_word(draft, message, 2, &vector) || read_word(draft, message, 3, &count) ||
	    read_word(draft, message, 4, &control) || read_word(draft, message, 5, &control_length)) {
		could_not_read(draft, index);
		return;
	}
	put_bytes(of, TYPED(index, SOCKADDR), name, (u32)name_length, ADDRESS_MAX);
	put_iovec(of, index | limit << 3, vector, count, length);
	if (control_length)
		put_bytes(of, TYPED(index, CONTROL), control, control_length, CONTROL_MAX);
}

APART int put_one_message(u32 of, u32 index, u64 message, u64 length)
{
	struct draft *draft = map_lookup(&drafts, &of);

	if (draft && index < 6)
		put_message(draft, of, index, message, length);
	return 0;
}

/* The first messages of an array of mmsghdr: a msghdr and an int each. */
APART int put_messages(u32 of, u32 index, u64 array, u64 count)
{
	struct draft *draft = map_lookup(&drafts, &of);
	u32 i, length = 0;

	if (!draft || index > 5)
		return 0;
	for (i = 0; i < MESSAGES && i < count; i++) {
		u64 message = array + i * (draft->narrow ? 32 : 64);
		u64 most = HEAD_MAX;

		if (draft->call.kinds[index] == MESSAGES_OUT) {
			if (read_user(&length, 4, (void *)(message + (draft->narrow ? 28 : 56))))
				break;
			most = length;
		}
		put_one_message(of, index, message, most);
	}
	if (count > MESSAGES)
		draft->flags |= CUT;
	return 0;
}

/* F_GETLK, F_SETLK and F_SETLKW, their variants with long places, and those of open file descriptions, from linux/fcntl.h. */
INLINE int is_about_locks(u64 command)
{
	return (command >= 5 && command <= 7) || (command >= 12 && command <= 14) || (command >= 36 && command <= 38);
}

/* One argument that the kernel reads: at entry, and once more at exit if `again`. */
APART int put_read(u32 of, u32 index, u32 again)
{
	struct draft *draft = map_lookup(&drafts, &of);
	u64 value, length;
	u32 size;

	if (!draft || index > 5)
		return 0;
	value = draft->arguments[index];
	length = index < 5 ? draft->arguments[index + 1] : 0;
	size = draft->call.sizes[index];
	switch (draft->call.kinds[index]) {
	case PATH:
		return put_string(of, index, again ? STRING_AGAIN : STRING, value);
	case STRING_IF:
		return draft->arguments[0] == size ? put_string(of, index, STRING, value) : 0;
	case BUFFER_IN:
		return put_bytes(of, TYPED(index, BUFFER), value, length, size);
	case SOCKADDR_IN:
		return put_bytes(of, TYPED(index, SOCKADDR), value, (u32)length, ADDRESS_MAX);
	case STRINGS_IN:
		return put_strings(of, index, value);
	case STRUCT_IN:
		return put_bytes(of, TYPED(index, STRUCT), value, size, size);
	case LOCK_IN:
		if (!index || !is_about_locks(draft->arguments[index - 1]))
			return 0;
		return put_bytes(of, TYPED(index, STRUCT), value, size, size);
	case IOVEC_IN:
		return put_iovec(of, index | size << 3, value, length, size);
	case MESSAGE_IN:
		return put_one_message(of, index, value, size);
	case MESSAGES_IN:
		return put_messages(of, index, value, (u32)length);
	}
	return 0;
}

/* One argument that the kernel wrote to, once the call is over. */
APART int put_written(u32 of, u32 index)
{
	struct draft *draft = map_lookup(&drafts, &of);
	u64 value, result;
	u32 size, length = 0;

	if (!draft || index > 5 || draft->result < 0)
		return 0;
	value = draft->arguments[index];
	result = draft->result;
	size = draft->call.sizes[index];
	switch (draft->call.kinds[index]) {
	case BUFFER_OUT:
		return put_bytes(of, TYPED(index, BUFFER), value, result, size);
	case SOCKADDR_OUT:
		if (!value || index > 4 || read_user(&length, 4, (void *)draft->arguments[index + 1]))
			return 0;
		return put_bytes(of, TYPED(index, SOCKADDR), value, length, ADDRESS_MAX);
	case STRUCT_OUT:
		return put_bytes(of, TYPED(index, STRUCT), value, size, size);
	case INTS_OUT:
		return put_bytes(of, TYPED(index, INTS), value, size, size);
	case IOVEC_OUT:
		return put_iovec(of, index | size << 3, value, draft->arguments[index < 5 ? index + 1 : 5], result);
	case MESSAGE_OUT:
		return put_one_message(of, index, value, result);
	case MESSAGES_OUT:
		return put_messages(of, index, value, result);
	}
	return 0;
}

#endif
