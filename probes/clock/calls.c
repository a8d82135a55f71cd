/* SPDX-License-Identifier: Apache-2.0
 * syscall(2), by which programs ask the kernel for what the C library has a function for as well: Rust's standard library waits so.
 */
#include "clock.h"

#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>

static long (*real_syscall)(long, long, long, long, long, long, long);

static long told(long result)
{
	if (!failed(result))
		return result;
	errno = -result;
	return -1;
}

/* Waits for another thread. Whether the word still has its value is asked anew with each slice, so no wake is missed. */
static long wait_on_word(long word, long operation, long value, const struct timespec *limit, long mask)
{
	int bits = (operation & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;
	clockid_t clock = operation & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
	ns length = bits ? moment_of(clock, limit) - now() : of_timespec(limit), slice;
	struct timespec end;
	struct wait wait;
	long result;

	wait_begin(&wait, length);
	do {
		slice = wait_slice(&wait);
		end = to_timespec(bits ? real_clock(clock) + slice : slice);
		result = raw(SYS_futex, word, operation, value, (long)&end, 0, mask);
		if (!slice || result != -ETIMEDOUT)
			break;
		wait_slept(&wait);
	} while (1);
	wait_end(&wait);
	return told(result);
}

static int is_wait(long operation, const struct timespec *limit)
{
	long command = operation & FUTEX_CMD_MASK;

	return (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET) && limit && is_valid(limit);
}

/* Declared with all arguments that a call can have: what the caller did not give is not looked at. */
OURS long syscall(long number, long a, long b, long c, long d, long e, long f)
{
	if (!real_syscall)
		real_syscall = found("syscall");
	if (!state)
		return real_syscall(number, a, b, c, d, e, f);
	switch (number) {
	case SYS_clock_gettime:
		return clock_gettime(a, (void *)b);
	case SYS_gettimeofday:
		return gettimeofday((void *)a, (void *)b);
	case SYS_nanosleep:
		return nanosleep((void *)a, (void *)b);
	case SYS_clock_nanosleep:
		return told(-clock_nanosleep(a, b, (void *)c, (void *)d));
#ifdef SYS_time
	case SYS_time:
		return time((void *)a);
	case SYS_poll:
		return poll((void *)a, b, c);
	case SYS_select:
		return select(a, (void *)b, (void *)c, (void *)d, (void *)e);
	case SYS_epoll_wait:
		return epoll_wait(a, (void *)b, c, d);
#endif
	case SYS_futex:
		if (is_wait(b, (void *)d))
			return wait_on_word(a, b, c, (void *)d, f);
		break;
	default:
		break;
	}
	return real_syscall(number, a, b, c, d, e, f);
}
