/* SPDX-License-Identifier: Apache-2.0
 * Sleeps: waits for nothing but the time.
 */
#include "clock.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static int (*real_clock_nanosleep)(clockid_t, int, const struct timespec *, struct timespec *);
static int (*real_nanosleep)(const struct timespec *, struct timespec *);
static int (*real_pause)(void);

static int is_time(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME || clock == CLOCK_TAI;
}

OURS int clock_nanosleep(clockid_t clock, int flags, const struct timespec *asked, struct timespec *left)
{
	ns began, until;
	int result;

	if (!state || !is_time(clock) || !asked || !is_valid(asked) || asked->tv_sec < 0)
		return REAL(clock_nanosleep)(clock, flags, asked, left);
	began = now();
	until = flags & TIMER_ABSTIME ? moment_of(clock, asked) : began + of_timespec(asked);
	if (until - began <= MOMENT) {
		struct timespec rest = to_timespec(until > began ? until - began : 0);

		result = REAL(clock_nanosleep)(CLOCK_MONOTONIC, 0, &rest, flags & TIMER_ABSTIME ? 0 : left);
		state->woken = real_clock(CLOCK_MONOTONIC);
		return result;
	}
	tell_sleep(until - began);
	result = sleep_until(until);
	if (result && left && !(flags & TIMER_ABSTIME)) {
		ns rest = until - now();

		*left = to_timespec(rest > 0 ? rest : 0);
	}
	return result;
}

OURS int nanosleep(const struct timespec *asked, struct timespec *left)
{
	int result;

	if (!state || !asked || !is_valid(asked))
		return REAL(nanosleep)(asked, left);
	result = clock_nanosleep(CLOCK_MONOTONIC, 0, asked, left);
	if (!result)
		return 0;
	errno = result;
	return -1;
}

OURS int usleep(useconds_t length)
{
	struct timespec asked = to_timespec(length * 1000LL);

	return nanosleep(&asked, 0);
}

OURS unsigned int sleep(unsigned int seconds)
{
	struct timespec asked = {seconds, 0}, left = {0, 0};
	int before = errno;

	if (!nanosleep(&asked, &left)) {
		errno = before;
		return 0;
	}
	return left.tv_sec + (left.tv_nsec >= SECOND / 2);
}

/* Waits for a signal: with an alarm set, that is a sleep. */
OURS int pause(void)
{
	struct itimerval timer = {{0, 0}, {0, 0}};
	ns length;

	if (!state || failed(raw(SYS_getitimer, ITIMER_REAL, (long)&timer, 0, 0, 0, 0)))
		return REAL(pause)();
	length = timer.it_value.tv_sec > (1LL << 33) ? LONGEST : timer.it_value.tv_sec * SECOND + timer.it_value.tv_usec * 1000;
	if (length <= MOMENT)
		return REAL(pause)();
	tell_sleep(length);
	errno = sleep_until(now() + length + SECOND); /* the alarm ends it */
	return errno ? -1 : REAL(pause)();
}
