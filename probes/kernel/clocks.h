/* SPDX-License-Identifier: GPL-2.0-or-later
 * Reads of the system time in libc, which the vDSO answers without a system call. The loader attaches these to a libc's functions.
 */
#ifndef FUMEHOOD_CLOCKS_H
#define FUMEHOOD_CLOCKS_H

#include "watch.h"

enum { REALTIME = 0, REALTIME_COARSE = 5, TAI = 11, CLOCK_READ_SIZE = 36 };

INLINE int tell_clock(u32 clock)
{
	struct clock_read read = {};
	struct ids ids = {};
	u32 *slot = watched(current_task(), &ids);

	if (!slot || is_quiet(*slot))
		return 0;
	begin(&read.header, CLOCK_READ, &ids);
	read.clock = clock;
	send(*slot, &read, CLOCK_READ_SIZE);
	return 0;
}

/* clock_gettime(clock, result): monotonic clocks and CPU times are not the system time. */
SEC("uprobe")
int libc_clock_gettime(struct pt_regs *regs)
{
	u64 clock = 0;

	if (FIELD_EXISTS(((struct pt_regs___x86 *)0)->orig_ax))
		read_kernel(&clock, 8, __builtin_preserve_access_index(&((struct pt_regs___x86 *)regs)->di));
	else
		read_kernel(&clock, 8, __builtin_preserve_access_index(&((struct pt_regs___arm64 *)regs)->regs[0]));
	if ((u32)clock != REALTIME && (u32)clock != REALTIME_COARSE && (u32)clock != TAI)
		return 0;
	return tell_clock(clock);
}

/* time() and gettimeofday() */
SEC("uprobe")
int libc_time(struct pt_regs *regs)
{
	return tell_clock(REALTIME);
}

#endif
