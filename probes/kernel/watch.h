/* SPDX-License-Identifier: GPL-2.0-or-later
 * Whom to watch, and where their records go. Each sandbox has a slot: a ring buffer of its own and a count of lost records.
 */
#ifndef FUMEHOOD_WATCH_H
#define FUMEHOOD_WATCH_H

#include "record.h"
#include "types.h"

enum { SLOTS = 128, NAMESPACES = 4096 };

/* Inode of a pid namespace to slot. A namespace that a watched process makes is added in the kernel, at the fork. */
struct {
	MAP_NUMBER(type, HASH);
	MAP_NUMBER(max_entries, NAMESPACES);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, u32);
} namespaces SEC(".maps");

/* Inode of a network namespace to slot: TCP changes state in interrupts, where the current process is anybody. */
struct {
	MAP_NUMBER(type, HASH);
	MAP_NUMBER(max_entries, NAMESPACES);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, u32);
} networks SEC(".maps");

/* Only the shape: the loader makes one of the size it wants per slot. A page may have 64 KiB. */
struct ring {
	MAP_NUMBER(type, RINGBUF);
	MAP_NUMBER(max_entries, 65536);
};
struct {
	MAP_NUMBER(type, ARRAY_OF_MAPS);
	MAP_NUMBER(max_entries, SLOTS);
	MAP_TYPE(key, u32);
	MAP_NUMBER(value_size, 4);
	struct ring *values[];
} rings SEC(".maps");

struct {
	MAP_NUMBER(type, PERCPU_ARRAY);
	MAP_NUMBER(max_entries, SLOTS);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, u64);
} lost SEC(".maps");

/* Nonzero for a slot of which the smaller set of calls is recorded. */
struct {
	MAP_NUMBER(type, ARRAY);
	MAP_NUMBER(max_entries, SLOTS);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, u32);
} quiet SEC(".maps");

INLINE int is_quiet(u32 slot)
{
	u32 *value = map_lookup(&quiet, &slot);

	return value && *value;
}

/* The task's number and namespace at a level of nesting; false where the kernel's memory cannot be read. */
INLINE int number_at(struct pid *pid, u32 level, struct upid *found)
{
	const void *first = __builtin_preserve_access_index(&pid->numbers[0]);

	return pid && read_kernel(found, sizeof(*found), first + level * sizeof(*found)) == 0;
}

INLINE u32 *slot_of_namespace(struct pid_namespace *space)
{
	u32 inode = 0;

	read_kernel(&inode, sizeof(inode), __builtin_preserve_access_index(&space->ns.inum));
	return map_lookup(&namespaces, &inode);
}

/* The slot of a task's sandbox, and its ids; null for a task that is not watched. Level 0 is the host itself. */
INLINE u32 *watched(struct task_struct *task, struct ids *ids)
{
	struct pid *pid = task->thread_pid;
	struct upid own = {}, leader = {};
	u32 level, *slot;

	if (!pid)
		return 0;
	level = pid->level;
	if (level == 0 || level > 32 || !number_at(pid, level, &own))
		return 0;
	slot = slot_of_namespace(own.ns);
	if (!slot)
		return 0;
	number_at(task->group_leader->thread_pid, level, &leader);
	ids->pid = task->tgid;
	ids->tid = task->pid;
	ids->inner_pid = leader.nr;
	ids->inner_tid = own.nr;
	return slot;
}

INLINE void begin(struct header *header, u16 kind, const struct ids *ids)
{
	header->kind = kind;
	header->flags = 0;
	header->time = boot_time();
	header->ids = *ids;
}

/* Sends a record, or counts it as lost. The reader looks by itself many times a second; waking it would cost the task time. */
INLINE void send(u32 slot, void *record, u32 size)
{
	void *ring = map_lookup(&rings, &slot);
	u64 *count;

	((struct header *)record)->size = size;
	if (ring && ring_output(ring, record, size, RB_NO_WAKEUP) == 0)
		return;
	count = map_lookup(&lost, &slot);
	if (count)
		__sync_fetch_and_add(count, 1);
}

#endif
