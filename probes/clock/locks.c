/* SPDX-License-Identifier: Apache-2.0
 * Waits for other threads, which end early when one of them says so; and for signals.
 */
#include "clock.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

static int (*real_sem_clockwait)(sem_t *, clockid_t, const struct timespec *);
static int (*real_sem_timedwait)(sem_t *, const struct timespec *);
static int (*real_pthread_mutex_clocklock)(pthread_mutex_t *, clockid_t, const struct timespec *);
static int (*real_pthread_mutex_timedlock)(pthread_mutex_t *, const struct timespec *);
static int (*real_pthread_cond_clockwait)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
static int (*real_pthread_cond_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
static int (*real_sigtimedwait)(const sigset_t *, siginfo_t *, const struct timespec *);

/* The end of a slice, or of a wait that is left as it is, by a real clock. */
static struct timespec real_end(clockid_t clock, ns length)
{
	return to_timespec(real_clock(clock) + length);
}

static ns length_until(clockid_t clock, const struct timespec *until)
{
	return moment_of(clock, until) - now();
}

OURS int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until)
{
	struct timespec end;
	struct wait wait;
	ns length, slice;
	int result;

	if (!state || !is_valid(until))
		return REAL(sem_clockwait)(semaphore, clock, until);
	length = length_until(clock, until);
	if (length <= PATIENCE) {
		end = real_end(clock, length > 0 ? length : 0);
		return REAL(sem_clockwait)(semaphore, clock, &end);
	}
	wait_begin(&wait, length);
	do {
		slice = wait_slice(&wait);
		end = real_end(clock, slice);
		result = REAL(sem_clockwait)(semaphore, clock, &end);
		if (!slice || !result || errno != ETIMEDOUT)
			break;
		wait_slept(&wait);
	} while (1);
	wait_end(&wait);
	return result;
}

OURS int sem_timedwait(sem_t *semaphore, const struct timespec *until)
{
	return state ? sem_clockwait(semaphore, CLOCK_REALTIME, until) : REAL(sem_timedwait)(semaphore, until);
}

OURS int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until)
{
	struct timespec end;
	struct wait wait;
	ns length, slice;
	int result;

	if (!state || !is_valid(until))
		return REAL(pthread_mutex_clocklock)(mutex, clock, until);
	length = length_until(clock, until);
	if (length <= PATIENCE) {
		end = real_end(clock, length > 0 ? length : 0);
		return REAL(pthread_mutex_clocklock)(mutex, clock, &end);
	}
	wait_begin(&wait, length);
	do {
		slice = wait_slice(&wait);
		end = real_end(clock, slice);
		result = REAL(pthread_mutex_clocklock)(mutex, clock, &end);
		if (!slice || result != ETIMEDOUT)
			break;
		wait_slept(&wait);
	} while (1);
	wait_end(&wait);
	return result;
}

OURS int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until)
{
	return state ? pthread_mutex_clocklock(mutex, CLOCK_REALTIME, until) : REAL(pthread_mutex_timedlock)(mutex, until);
}

/* One slice, after which the caller looks whether its condition holds, as it has to after any return (pthread_cond_wait(3)): a wait
 * taken up again here would miss what is signalled in between. */
static int wait_for_condition(ns length, clockid_t clock, struct timespec *end, struct wait *wait)
{
	wait_begin(wait, length);
	wait->slice = length < PATIENCE ? length > 0 ? length : 0 : PATIENCE;
	wait->quiet = 100; /* its one slice is as long as many */
	*end = real_end(clock, wait->slice);
	return length <= PATIENCE;
}

static int condition_ended(struct wait *wait, int result, int whole)
{
	if (result == ETIMEDOUT && !whole) {
		wait_slept(wait);
		result = wait_slice(wait) ? 0 : ETIMEDOUT;
	}
	wait_end(wait);
	return result;
}

OURS int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until)
{
	struct timespec end;
	struct wait wait;
	int whole;

	if (!state || !is_valid(until))
		return REAL(pthread_cond_clockwait)(condition, mutex, clock, until);
	whole = wait_for_condition(length_until(clock, until), clock, &end, &wait);
	return condition_ended(&wait, REAL(pthread_cond_clockwait)(condition, mutex, clock, &end), whole);
}

OURS int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until)
{
	clockid_t clock;
	struct timespec end;
	struct wait wait;
	int whole;

	if (!real_pthread_cond_timedwait) /* its first version is of another kind of condition */
		real_pthread_cond_timedwait = found_version("pthread_cond_timedwait", "GLIBC_2.3.2", "GLIBC_2.17");
	if (!state || !is_valid(until))
		return real_pthread_cond_timedwait(condition, mutex, until);
	/* Which clock a condition goes by: pthread_condattr_setclock(3), glibc's nptl/pthreadP.h (__PTHREAD_COND_CLOCK_MONOTONIC_MASK). */
	clock = condition->__data.__wrefs & 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
	whole = wait_for_condition(length_until(clock, until), clock, &end, &wait);
	return condition_ended(&wait, real_pthread_cond_timedwait(condition, mutex, &end), whole);
}

OURS int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *limit)
{
	ns length = limit && is_valid(limit) ? of_timespec(limit) : 0, slice;
	struct timespec time;
	struct wait wait;
	int result;

	if (!state || length <= PATIENCE)
		return REAL(sigtimedwait)(set, info, limit);
	wait_begin(&wait, length);
	do {
		slice = wait_slice(&wait);
		time = to_timespec(slice);
		result = REAL(sigtimedwait)(set, info, &time);
		if (!slice || result >= 0 || errno != EAGAIN)
			break;
		wait_slept(&wait);
	} while (1);
	wait_end(&wait);
	return result;
}
