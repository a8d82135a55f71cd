/* SPDX-License-Identifier: GPL-2.0-or-later
 * Births, executions and deaths of tasks.
 */
#ifndef FUMEHOOD_TASKS_H
#define FUMEHOOD_TASKS_H

#include "paths.h"

SEC("tp_btf/sched_process_fork")
int task_fork(u64 *context)
{
	struct task_struct *child = (void *)context[1];
	struct pid *pid = child->thread_pid;
	struct upid own = {}, leader = {};
	struct fork fork = {};
	struct ids ids = {};
	u32 *slot = watched((void *)context[0], &ids), inode = 0, level;

	if (!slot)
		return 0;
	begin(&fork.header, FORK, &ids);
	fork.child.pid = child->tgid;
	fork.child.tid = child->pid;
	level = pid->level;
	if (level <= 32 && number_at(pid, level, &own)) {
		number_at(child->group_leader->thread_pid, level, &leader);
		fork.child.inner_tid = own.nr;
		fork.child.inner_pid = leader.nr;
		read_kernel(&inode, sizeof(inode), __builtin_preserve_access_index(&own.ns->ns.inum));
		/* The child of a watched task is watched, in a pid namespace of its own as well. */
		if (inode && !map_lookup(&namespaces, &inode))
			map_update(&namespaces, &inode, slot, 0);
	}
	send(*slot, &fork, sizeof(fork));
	return 0;
}

SEC("tp_btf/sched_process_exec")
int task_exec(u64 *context)
{
	struct task_struct *task = (void *)context[0];
	struct linux_binprm *program = (void *)context[2];
	u32 of = OF_EXEC, *slot;
	struct ids ids = {};
	struct draft *draft;
	s64 length;
	u64 size;
	u8 *to;

	slot = watched(task, &ids);
	draft = map_lookup(&drafts, &of);
	if (!slot || !draft)
		return 0;
	begin((struct header *)draft->bytes, EXEC, &ids);
	draft->flags = 0;
	draft->unread = 0;
	draft->used = sizeof(struct header);
	to = room(draft, STRING_MAX);
	length = to ? read_kernel_string(to, STRING_MAX, program->filename) : 0;
	if (to && length > 0)
		close_chunk(draft, to, 0, STRING, length - 1);
	/* Another file was loaded than was asked for: the interpreter of a script. */
	to = room(draft, STRING_MAX);
	length = to && program->interp != program->filename ? read_kernel_string(to, STRING_MAX, program->interp) : 0;
	if (to && length > 0)
		close_chunk(draft, to, 2, STRING, length - 1);
	/* The strings stand one behind the other, each with its NUL, as a chunk has them. */
	to = room(draft, STRINGS_MAX);
	size = task->mm->arg_end - task->mm->arg_start;
	OPAQUE(size);
	if (size > STRINGS_MAX) {
		size = STRINGS_MAX;
		draft->flags |= CUT;
	}
	if (to && size && read_user(to, size, (void *)task->mm->arg_start) == 0)
		close_chunk(draft, to, 1, STRINGS, size);
	else
		draft->flags |= UNREAD;
	put_program(of);
	finish(draft, *slot);
	return 0;
}

/* One entry: bytes of a page, which the loader fills in. */
struct {
	MAP_NUMBER(type, ARRAY);
	MAP_NUMBER(max_entries, 1);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, u32);
} page_size SEC(".maps");

/*
 * do_exit in kernel/exit.c brings maxrss up to date for the last thread of a process before the tracepoint, in every version. Time
 * since the last tick is not in the runtime yet.
 */
SEC("tp_btf/sched_process_exit")
int task_exit(u64 *context)
{
	struct task_struct *task = (void *)context[0];
	struct task_exit record = {};
	struct ids ids = {};
	u32 *slot = watched(task, &ids), first = 0, *page;

	if (!slot)
		return 0;
	begin(&record.header, TASK_EXIT, &ids);
	record.code = task->exit_code;
	record.group_dead = task->signal->live.counter == 0;
	record.runtime = task->se.sum_exec_runtime;
	page = map_lookup(&page_size, &first);
	if (page && record.group_dead)
		record.most_memory = task->signal->maxrss * *page;
	send(*slot, &record, sizeof(record));
	return 0;
}

#endif
