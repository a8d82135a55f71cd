/* SPDX-License-Identifier: GPL-2.0-or-later
 * System calls: one record at entry, one at exit.
 */
#ifndef FUMEHOOD_SYSCALLS_H
#define FUMEHOOD_SYSCALLS_H

#include "arguments.h"
#include "paths.h"

/* What is known of a call between its entry and its exit. */
struct thread {
	u32 nr, arch;
	u32 inside;
	u32 unread;
};
struct {
	MAP_NUMBER(type, TASK_STORAGE);
	MAP_NUMBER(map_flags, NO_PREALLOC);
	MAP_TYPE(key, int);
	MAP_TYPE(value, struct thread);
} threads SEC(".maps");

INLINE int on_x86(void)
{
	return FIELD_EXISTS(((struct pt_regs___x86 *)0)->orig_ax);
}

/* TS_COMPAT is 2 in asm/thread_info.h of x86, TIF_32BIT is bit 22 on arm64; x32 calls have bit 30 in their number. */
INLINE u32 arch_of(struct task_struct *task, u32 *nr)
{
	if (!on_x86())
		return task->thread_info.flags & (1 << 22) ? ARM : AARCH64;
	if (FIELD_EXISTS(task->thread_info.status) && task->thread_info.status & 2)
		return I386;
	if (!(*nr & 1 << 30))
		return X86_64;
	*nr &= ~(1 << 30);
	return X32;
}

INLINE struct call *call_of(u32 nr, u32 arch, u32 slot)
{
	u32 index = nr + (arch == I386 || arch == ARM ? NUMBERS : 0);
	struct call *call;

	if (nr >= NUMBERS)
		return 0;
	call = map_lookup(&calls, &index);
	return call && call->use & (is_quiet(slot) ? WANTED_QUIETLY : WANTED) ? call : 0;
}

INLINE u32 number_in(struct pt_regs *regs)
{
	return on_x86() ? ((struct pt_regs___x86 *)regs)->orig_ax : ((struct pt_regs___arm64 *)regs)->syscallno;
}

INLINE void read_arguments(struct draft *draft, struct pt_regs *regs, u32 arch)
{
	struct pt_regs___x86 *x86 = (void *)regs;
	struct pt_regs___arm64 *arm = (void *)regs;
	u64 *to = draft->arguments;

	if (!on_x86()) {
		to[0] = arm->orig_x0; /* regs[0] becomes the result */
		to[1] = arm->regs[1], to[2] = arm->regs[2], to[3] = arm->regs[3], to[4] = arm->regs[4], to[5] = arm->regs[5];
	} else if (arch == I386) {
		to[0] = (u32)x86->bx, to[1] = (u32)x86->cx, to[2] = (u32)x86->dx;
		to[3] = (u32)x86->si, to[4] = (u32)x86->di, to[5] = (u32)x86->bp;
	} else {
		to[0] = x86->di, to[1] = x86->si, to[2] = x86->dx, to[3] = x86->r10, to[4] = x86->r8, to[5] = x86->r9;
	}
	draft->narrow = arch == I386 || arch == ARM || arch == X32;
}

/* Writes and sends the record of an entry; gives the arguments that could not be read, one bit each. */
INLINE u32 tell_entry(u32 of, struct pt_regs *regs, u32 nr, u32 arch, struct call *call, u32 slot, struct ids *ids)
{
	struct draft *draft = map_lookup(&drafts, &of);
	struct enter *enter;
	u32 i;

	if (!draft)
		return 0;
	read_arguments(draft, regs, arch);
	draft->call = *call;
	draft->unread = 0;
	draft->flags = of == OF_ENTER ? 0 : AT_EXIT;
	draft->used = sizeof(*enter);
	enter = (void *)draft->bytes;
	begin(&enter->header, ENTER, ids);
	enter->call.nr = nr;
	enter->call.arch = arch;
	for (i = 0; i < 6; i++) {
		enter->arguments[i] = draft->arguments[i];
		if (call->kinds[i])
			put_read(of, i, 0);
	}
	finish(draft, slot);
	return draft->unread;
}

SEC("tp_btf/sys_enter")
int sys_enter(u64 *context)
{
	struct pt_regs *regs = (void *)context[0];
	u32 nr = context[1], arch, *slot;
	struct task_struct *task = current_task();
	struct thread *thread;
	struct ids ids = {};
	struct call *call;

	slot = watched(task, &ids);
	if (!slot)
		return 0;
	arch = arch_of(task, &nr);
	call = call_of(nr, arch, *slot);
	if (!call)
		return 0;
	u32 unread = tell_entry(OF_ENTER, regs, nr, arch, call, *slot, &ids);

	thread = task_storage(&threads, task, 0, STORAGE_CREATE);
	if (thread)
		*thread = (struct thread){nr, arch, 1, unread};
	return 0;
}

/* What is told at exit alone: strings once more, what could not be read before the kernel had it in memory, what it wrote. */
INLINE void put_at_exit(struct draft *draft, u32 unread)
{
	u32 i;

	if (draft->call.use & EXECUTES && draft->result == 0)
		return; /* the memory that the arguments pointed to is gone */
	if (draft->call.use & OPENS && draft->result >= 0)
		put_descriptor(OF_EXIT, draft->result);
	if (draft->call.use & MOVES && draft->result == 0)
		put_folder(OF_EXIT);
	for (i = 0; i < 6; i++) {
		u8 kind = draft->call.kinds[i];

		if (kind >= KINDS_OUT)
			put_written(OF_EXIT, i);
		else if (kind == PATH || (kind && unread & 1 << i))
			put_read(OF_EXIT, i, 1);
	}
}

SEC("tp_btf/sys_exit")
int sys_exit(u64 *context)
{
	struct pt_regs *regs = (void *)context[0];
	s64 result = context[1];
	struct task_struct *task = current_task();
	u32 of = OF_EXIT, unread = 0, nr, arch, *slot;
	struct draft *draft;
	struct thread *thread;
	struct ids ids = {};
	struct call *call;
	struct exit *exit;

	slot = watched(task, &ids);
	if (!slot)
		return 0;
	thread = task_storage(&threads, task, 0, 0);
	if (thread && thread->inside) {
		nr = thread->nr, arch = thread->arch, unread = thread->unread;
		thread->inside = 0;
		call = call_of(nr, arch, *slot);
		if (!call)
			return 0;
	} else {
		nr = number_in(regs);
		arch = arch_of(task, &nr);
		call = call_of(nr, arch, *slot);
		/* A new task returns from a call that it never made. */
		if (!call || (call->use & CREATES && result == 0))
			return 0;
		tell_entry(OF_EXIT, regs, nr, arch, call, *slot, &ids);
	}
	draft = map_lookup(&drafts, &of);
	if (!draft)
		return 0;
	read_arguments(draft, regs, arch);
	draft->call = *call;
	draft->result = result;
	draft->flags = 0;
	draft->used = sizeof(*exit);
	exit = (void *)draft->bytes;
	begin(&exit->header, EXIT, &ids);
	exit->call.nr = nr;
	exit->call.arch = arch;
	exit->result = result;
	put_at_exit(draft, unread);
	finish(draft, *slot);
	return 0;
}

#endif
