/* SPDX-License-Identifier: Apache-2.0
 * Waiting: a moment passes really, and then the clock is moved on to the end of the wait.
 *
 * So that things still happen in their order, it is moved only by whoever waits for the earliest moment, and only while no process
 * of the run is at work.
 */
#include "clock.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>

#define SILENT (2 * SECOND)    /* who was not heard of for so long waits no more: it was killed, or stopped */
#define AT_WORK 8              /* a run is at work that used more than an eighth of a processor meanwhile */
#define WORK_LIMIT (4 * SECOND) /* who waits for so long waits for others' work no longer: it may be meant to keep it waiting */
#define QUIET 5                /* for so many slices nobody may be at work before it is skipped */
#define LONG SECOND            /* a shorter sleep needs one such slice */

/* A call that the kernel refuses without looking at its time, which the tracers record: the sleep that is skipped. Sources:
 * kernel/time/posix-timers.c (no nsleep for this clock), analyzer/trace/calls/running.py. */
#define TOLD_CLOCK CLOCK_THREAD_CPUTIME_ID
enum { TOLD_SLEEP = 0x46480000, TOLD_WAIT };

static void tell(int what, ns length)
{
	struct timespec time = to_timespec(length);

	raw(SYS_clock_nanosleep, TOLD_CLOCK, what, (long)&time, 0, 0, 0);
}

void tell_sleep(ns length)
{
	tell(TOLD_SLEEP, length);
}

static int take_place(ns until)
{
	ns real = real_clock(CLOCK_MONOTONIC);

	for (int i = 0; i < WAITERS; i++) {
		struct waiter *one = &state->waiter[i];
		ns found = one->until;

		if (found && real - one->heard < SILENT && real >= one->heard)
			continue;
		if (__atomic_compare_exchange_n(&one->until, &found, until, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
			one->heard = real;
			return i;
		}
	}
	return -1;
}

static int is_first(const struct wait *wait)
{
	ns real = real_clock(CLOCK_MONOTONIC);

	for (int i = 0; i < WAITERS; i++) {
		const struct waiter *one = &state->waiter[i];

		if (i != wait->place && one->until && one->until < wait->until && real - one->heard < SILENT)
			return 0;
	}
	return 1;
}

static void look(struct wait *wait)
{
	wait->work = others_work();
	wait->looked = real_clock(CLOCK_MONOTONIC);
	if (wait->place >= 0)
		state->waiter[wait->place].heard = wait->looked;
}

static void begin(struct wait *wait, ns until, ns patience, ns length)
{
	wait->until = until;
	wait->patience = patience;
	wait->length = length;
	wait->quiet = 0;
	wait->since = real_clock(CLOCK_MONOTONIC);
	wait->place = take_place(until);
	look(wait);
}

void wait_begin(struct wait *wait, ns length)
{
	begin(wait, now() + length, PATIENCE, length);
}

void wait_end(struct wait *wait)
{
	ns until = wait->until;

	state->woken = real_clock(CLOCK_MONOTONIC);
	if (wait->place >= 0)
		__atomic_compare_exchange_n(&state->waiter[wait->place].until, &until, 0, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

ns wait_slice(struct wait *wait)
{
	ns left = wait->until - now();

	look(wait);
	if (left <= 0)
		return 0;
	wait->slice = left < MOMENT || state->over ? left < SECOND ? left : SECOND : MOMENT;
	return wait->slice;
}

/* The process's own alarm may come before the end of its wait; then it is what the clock is moved on to, and it comes at once. */
static int alarm_first(ns until)
{
	struct itimerval timer = {{0, 0}, {0, 0}};
	ns left, due;

	if (failed(raw(SYS_getitimer, ITIMER_REAL, (long)&timer, 0, 0, 0, 0)))
		return 0;
	left = timer.it_value.tv_sec > (1LL << 33) ? LONGEST : timer.it_value.tv_sec * SECOND + timer.it_value.tv_usec * 1000;
	if (left <= 0)
		return 0;
	due = now() + left;
	if (due >= until)
		return 0;
	if (skip_to(due)) {
		timer.it_value.tv_sec = 0;
		timer.it_value.tv_usec = 1;
		raw(SYS_setitimer, ITIMER_REAL, (long)&timer, 0, 0, 0, 0);
	}
	return 1;
}

static int others_are_at_work(const struct wait *wait, ns real)
{
	if ((others_work() - wait->work) * AT_WORK > real - wait->looked)
		return 1;
	/* Woken late, on a machine that has much to do: others may have had no turn yet. */
	if (real - wait->looked > wait->slice + MOMENT)
		return 1;
	/* As somebody who looks again and again whether something has ended, for a given time. */
	return wait->until - now() > LONG && real - state->woken < QUIET * MOMENT;
}

void wait_slept(struct wait *wait)
{
	ns real = real_clock(CLOCK_MONOTONIC), waited = real - wait->since;

	wait->quiet = others_are_at_work(wait, real) ? 0 : wait->quiet + 1;
	if (waited < wait->patience || state->over || !is_first(wait))
		return;
	if (waited < WORK_LIMIT + wait->patience && wait->quiet < (wait->until - now() > LONG ? QUIET : 1))
		return;
	if (!alarm_first(wait->until) && skip_to(wait->until) && wait->length)
		tell(TOLD_WAIT, wait->length);
}

int sleep_until(ns until)
{
	uint64_t all = ~0ULL, before = 0; /* as the kernel has them (rt_sigprocmask(2)) */
	struct wait wait;
	ns slice;
	int result = 0;

	/* Signals come while it sleeps and at no other moment, or it would sleep on after its own alarm. */
	raw(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&before, sizeof(all), 0, 0);
	begin(&wait, until, MOMENT, 0);
	while (!result && (slice = wait_slice(&wait))) {
		struct timespec time = to_timespec(slice);

		if (raw(SYS_ppoll, 0, 0, (long)&time, (long)&before, sizeof(before), 0) == -EINTR)
			result = EINTR;
		else
			wait_slept(&wait);
	}
	wait_end(&wait);
	raw(SYS_rt_sigprocmask, SIG_SETMASK, (long)&before, 0, sizeof(before), 0, 0);
	return result;
}
