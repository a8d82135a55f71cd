/* SPDX-License-Identifier: Apache-2.0
 * The clock that all processes of a run share, as far as they are the package's.
 */
#include "clock.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

struct state *state;

static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_gettimeofday)(struct timeval *, void *);

ns real_clock(clockid_t clock)
{
	struct timespec time = {0, 0};
	struct timeval day = {0, 0};

	if (clock == CLOCK_REALTIME) { /* not by the function whose calls are recorded as reads of the system time */
		REAL(gettimeofday)(&day, 0);
		return day.tv_sec * SECOND + day.tv_usec * 1000;
	}
	REAL(clock_gettime)(clock, &time);
	return of_timespec(&time);
}

static ns bounded(ns value)
{
	return value < 0 ? 0 : value > LONGEST ? LONGEST : value;
}

static ns skipped(void)
{
	return state ? bounded(__atomic_load_n(&state->skipped, __ATOMIC_ACQUIRE)) : 0;
}

ns now(void)
{
	return real_clock(CLOCK_MONOTONIC) + skipped();
}

ns ahead_of(clockid_t clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_TAI:
		return state ? skipped() + bounded(state->shift) : 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		return skipped();
	default: /* processor time */
		return 0;
	}
}

int skip_to(ns until)
{
	for (;;) {
		ns had = skipped(), need = until - real_clock(CLOCK_MONOTONIC);

		if (need <= had)
			return 1;
		if (need > LONGEST || need - state->begun > state->horizon || state->skips >= state->most) {
			state->over = 1;
			return 0;
		}
		if (__atomic_compare_exchange_n(&state->skipped, &had, need, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
			__atomic_fetch_add(&state->skips, 1, __ATOMIC_RELAXED);
			return 1;
		}
	}
}

static void join(void)
{
	int32_t own = raw(SYS_getpid, 0, 0, 0, 0, 0, 0);

	for (int i = 0; i < PROCESSES; i++) {
		int32_t free = 0;

		if (state->process[i] == own ||
		    __atomic_compare_exchange_n(&state->process[i], &free, own, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return;
	}
}

/* The clock of another process's processor time; source: clock_getcpuclockid(3), include/linux/posix-timers.h. */
#define CPU_CLOCK(pid) ((clockid_t)((~(unsigned int)(pid) << 3) | 2))

ns others_work(void)
{
	ns sum = 0;

	for (int i = 0; i < PROCESSES; i++) {
		int32_t pid = state->process[i];
		struct timespec time = {0, 0};

		if (pid <= 0)
			continue;
		if (failed(raw(SYS_clock_gettime, CPU_CLOCK(pid), (long)&time, 0, 0, 0, 0)))
			__atomic_compare_exchange_n(&state->process[i], &pid, 0, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
		else
			sum += of_timespec(&time);
	}
	return sum;
}

extern int __register_atfork(void (*)(void), void (*)(void), void (*)(void), void *) __attribute__((weak));

/* The clock is the package's: not the supervisor's, the tracer's, nor of what waits in the package's container. */
static int is_own(const struct state *found)
{
	return found->magic == STATE_MAGIC && found->owner == (uint32_t)raw(SYS_geteuid, 0, 0, 0, 0, 0, 0);
}

__attribute__((constructor)) static void begin(void)
{
	long file = raw(SYS_openat, AT_FDCWD, (long)STATE_FILE, O_RDWR | O_CLOEXEC, 0, 0, 0);
	struct stat status;
	long place;

	if (failed(file))
		return;
	if (!failed(raw(SYS_fstat, file, (long)&status, 0, 0, 0, 0)) && status.st_size >= (long)sizeof(struct state)) {
		place = raw(SYS_mmap, 0, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
		if (!failed(place) && is_own((struct state *)place))
			state = (struct state *)place;
	}
	raw(SYS_close, file, 0, 0, 0, 0, 0);
	if (!state)
		return;
	join();
	if (__register_atfork)
		__register_atfork(0, 0, join, 0);
}
