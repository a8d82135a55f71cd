/* SPDX-License-Identifier: GPL-2.0-or-later
 * A record in the making, and what a task's memory holds as chunks behind its fixed part.
 */
#ifndef FUMEHOOD_CHUNKS_H
#define FUMEHOOD_CHUNKS_H

#include "calls.h"
#include "watch.h"

enum {
	SPACE = 16384,		/* for one record */
	STRING_MAX = 4096,	/* PATH_MAX */
	STRINGS_MAX = 8192,	/* all strings of one array */
	STRINGS_COUNT = 160,
	HEAD_MAX = 512,
	CONTROL_MAX = 1536,	/* 253 descriptors (SCM_MAX_FD) are 1032 bytes, behind what else the kernel tells of a sender */
	ADDRESS_MAX = 128,	/* sizeof(struct sockaddr_storage) */
	IOVECS = 8,
	MESSAGES = 4,
	CHUNK = 4,		/* a chunk's own head */
};

/* One record in the making. Programs that may interrupt one another have one each. */
struct draft {
	u64 used;
	u64 arguments[6];
	s64 result;
	struct call call;
	u32 narrow;	/* pointers of 32 bits */
	u32 unread;	/* arguments that could not be read, one bit each */
	u16 flags;
	u8 bytes[SPACE];
};

enum draft_of { OF_ENTER, OF_EXIT, OF_EXEC, DRAFTS };

struct {
	MAP_NUMBER(type, PERCPU_ARRAY);
	MAP_NUMBER(max_entries, DRAFTS);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, struct draft);
} drafts SEC(".maps");

/* Where the next chunk's bytes go, if `most` of them still fit; null, and the record marked as cut, if not. */
INLINE u8 *room(struct draft *draft, u64 most)
{
	u64 used = draft->used;

	OPAQUE(used);
	if (used > SPACE - CHUNK - most) {
		draft->flags |= CUT;
		return 0;
	}
	return draft->bytes + used + CHUNK;
}

INLINE void close_chunk(struct draft *draft, u8 *bytes, u32 index, u8 type, u32 length)
{
	u8 *head = bytes - CHUNK;

	head[0] = index;
	head[1] = type;
	head[2] = length;
	head[3] = length >> 8;
	draft->used += CHUNK + length;
}

INLINE void could_not_read(struct draft *draft, u32 index)
{
	draft->flags |= UNREAD;
	draft->unread |= 1 << index;
}

/* The `index`th word of an array of pointers or sizes in the task's memory. */
INLINE int read_word(struct draft *draft, u64 array, u32 index, u64 *word)
{
	*word = 0;
	if (draft->narrow)
		return read_user(word, 4, (void *)(array + index * 4));
	return read_user(word, 8, (void *)(array + index * 8));
}

APART int put_string(u32 of, u32 index, u32 type, u64 from)
{
	struct draft *draft = map_lookup(&drafts, &of);
	u8 *to;
	s64 length;

	if (!draft || !from || !(to = room(draft, STRING_MAX)))
		return 0;
	length = read_user_string(to, STRING_MAX, (void *)from);
	if (length <= 0) {
		could_not_read(draft, index);
		return 0;
	}
	if (length == STRING_MAX)
		draft->flags |= CUT;
	close_chunk(draft, to, index, type, length - 1);
	return 0;
}

/* `length` bytes at `from`, of which the first `limit` are taken. */
APART int put_bytes(u32 of, u32 index_and_type, u64 from, u64 length, u32 limit)
{
	struct draft *draft = map_lookup(&drafts, &of);
	u64 size = length;
	u8 *to;

	if (!draft || !from || !length || !(to = room(draft, CONTROL_MAX)))
		return 0;
	if (size > limit) {
		size = limit;
		draft->flags |= CUT;
	}
	OPAQUE(size);
	if (size > CONTROL_MAX)
		size = CONTROL_MAX;
	if (read_user(to, size, (void *)from) < 0) {
		could_not_read(draft, index_and_type & 7);
		return 0;
	}
	close_chunk(draft, to, index_and_type & 7, index_and_type >> 3, size);
	return 0;
}
#define TYPED(index, type) ((index) | (type) << 3)

APART int put_strings(u32 of, u32 index, u64 array)
{
	struct draft *draft = map_lookup(&drafts, &of);
	u64 at = 0, word = 0, longest = 0;
	s64 length;
	u8 *to;
	u32 i;

	if (!draft || !array || !(to = room(draft, STRINGS_MAX + STRING_MAX)))
		return 0;
	for (i = 0; i < STRINGS_COUNT; i++) {
		if (read_word(draft, array, i, &word)) {
			could_not_read(draft, index);
			break;
		}
		if (!word)
			break;
		OPAQUE(at);
		if (at > STRINGS_MAX)
			break;
		length = read_user_string(to + at, STRING_MAX, (void *)word);
		if (length <= 0) {
			could_not_read(draft, index);
			break;
		}
		longest |= length; /* a branch here would double the verifier's work at each turn */
		at += length;
	}
	if (i == STRINGS_COUNT || at > STRINGS_MAX || longest & STRING_MAX)
		draft->flags |= CUT;
	close_chunk(draft, to, index, STRINGS, at);
	return 0;
}

/* The first `limit` of `length` bytes that `count` iovecs hold. */
APART int put_iovec(u32 of, u32 index_and_limit, u64 array, u64 count, u64 length)
{
	struct draft *draft = map_lookup(&drafts, &of);
	u64 base = 0, size = 0, at = 0, left;
	u32 index = index_and_limit & 7;
	u8 *to;
	u32 i;

	left = index_and_limit >> 3;
	if (!draft || !array || !(to = room(draft, 2 * HEAD_MAX)))
		return 0;
	if (left > length)
		left = length;
	for (i = 0; i < IOVECS && i < count && left; i++) {
		if (read_word(draft, array, 2 * i, &base) || read_word(draft, array, 2 * i + 1, &size)) {
			could_not_read(draft, index);
			break;
		}
		if (size > left) {
			size = left;
			draft->flags |= CUT;
		}
		OPAQUE(size);
		OPAQUE(at);
		if (size > HEAD_MAX || at > HEAD_MAX)
			break;
		if (size && read_user(to + at, size, (void *)base) < 0) {
			could_not_read(draft, index);
			break;
		}
		at += size;
		left -= size;
	}
	if (at)
		close_chunk(draft, to, index, IOVEC, at);
	return 0;
}

INLINE void finish(struct draft *draft, u32 slot)
{
	u64 used = draft->used;
	struct header *header = (void *)draft->bytes;

	header->flags = draft->flags;
	OPAQUE(used);
	if (used <= SPACE)
		send(slot, draft->bytes, used);
}

#endif
