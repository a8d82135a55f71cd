/* SPDX-License-Identifier: Apache-2.0
 * Reads of the clock: the C library's own answer, moved on. It is asked each time, because its functions are what is watched.
 */
#include "clock.h"

#include <sys/sysinfo.h>
#include <sys/time.h>

/* The interpreter's probe and the driver ask for the real clocks by numbers that no kernel knows (probes/interpreter/wire.py). */
#define REAL_CLOCK 0x46480000

static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_gettimeofday)(struct timeval *, void *);
static time_t (*real_time)(time_t *);
static int (*real_timespec_get)(struct timespec *, int);
static int (*real_sysinfo)(struct sysinfo *);

OURS int clock_gettime(clockid_t clock, struct timespec *time)
{
	ns ahead = ahead_of(clock);
	int result;

	if (state && (clock & ~15) == REAL_CLOCK)
		return REAL(clock_gettime)(clock & 15, time);
	result = REAL(clock_gettime)(clock, time);
	if (!result && ahead && time)
		*time = to_timespec(of_timespec(time) + ahead);
	return result;
}

OURS int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
	int result = REAL(gettimeofday)(time, zone);
	ns ahead = ahead_of(CLOCK_REALTIME);

	if (!result && ahead && time) {
		ns moved = time->tv_usec + ahead / 1000;

		time->tv_sec += moved / 1000000;
		time->tv_usec = moved % 1000000;
	}
	return result;
}

OURS time_t time(time_t *place)
{
	time_t result = REAL(time)(0);

	/* To the second as the other clocks have it, which a sum of whole seconds would stay behind. */
	if (result != (time_t)-1 && ahead_of(CLOCK_REALTIME))
		result = (real_clock(CLOCK_REALTIME) + ahead_of(CLOCK_REALTIME)) / SECOND;
	if (place)
		*place = result;
	return result;
}

OURS int timespec_get(struct timespec *time, int base)
{
	int result = REAL(timespec_get)(time, base);
	ns ahead = base == TIME_UTC ? ahead_of(CLOCK_REALTIME) : base == 2 ? ahead_of(CLOCK_MONOTONIC) : 0; /* C23: 2 is monotonic */

	if (result && ahead)
		*time = to_timespec(of_timespec(time) + ahead);
	return result;
}

OURS int sysinfo(struct sysinfo *info)
{
	int result = REAL(sysinfo)(info);

	if (!result)
		info->uptime += ahead_of(CLOCK_BOOTTIME) / SECOND;
	return result;
}
