/* SPDX-License-Identifier: Apache-2.0
 * What the parts of the library know of one another. All times are nanoseconds.
 */
#ifndef FUMEHOOD_CLOCK_H
#define FUMEHOOD_CLOCK_H

#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "state.h"

#define OURS __attribute__((visibility("default")))

typedef int64_t ns;

#define SECOND 1000000000LL
#define MOMENT (SECOND / 100)    /* a sleep that is no longer is left as it is, and of a longer one so much really passes */
#define PATIENCE SECOND          /* a wait for others that is no longer is left as it is, and of a longer one so much really passes */
#define LONGEST (SECOND << 33)   /* 272 years: whatever is longer is cut, so that sums stay within 63 bits */

/* state.c */
extern struct state *state;      /* 0 where this process's clock is the real one */
ns real_clock(clockid_t clock);
ns now(void);                    /* the moved monotonic clock */
ns ahead_of(clockid_t clock);    /* by how much a clock is ahead of the real one */
int skip_to(ns until);           /* moves the clock on to a moment; whether that may be */
ns others_work(void);            /* processor time of all processes of the run so far */

/* wait.c */
struct wait {
	ns until;     /* moved monotonic clock */
	ns patience;  /* what has to pass really before anything is skipped */
	ns since;     /* real monotonic clock */
	ns looked;    /* when it was last looked how much others work, and how much that was */
	ns work;
	ns length;    /* what is told where it is skipped; 0: it was told before */
	ns slice;     /* how long it was to wait really since then */
	int quiet;    /* for how many slices nobody was at work */
	int place;    /* among the waiters, -1 for none */
};
void wait_begin(struct wait *wait, ns length);  /* for others */
ns wait_slice(struct wait *wait);    /* how long to wait really now; 0: the time has come */
void wait_slept(struct wait *wait);  /* a slice is over, and nothing came of it: skips the rest if it may */
void wait_end(struct wait *wait);
int sleep_until(ns until);           /* 0, or EINTR */
void tell_sleep(ns length);

/* raw.c */
void *found(const char *name);
void *found_version(const char *name, const char *first, const char *second);
long raw(long number, long a, long b, long c, long d, long e, long f);
#define failed(result) ((unsigned long)(result) > -4096UL)
#define REAL(name) ((__typeof__(&name))found_once((void **)&real_##name, #name))

static inline void *found_once(void **place, const char *name)
{
	if (!*place)
		*place = found(name);
	return *place;
}

static inline ns of_timespec(const struct timespec *time)
{
	int64_t seconds = time->tv_sec;

	if (seconds > (1LL << 33))
		return LONGEST;
	if (seconds < -(1LL << 33))
		return -LONGEST;
	return seconds * SECOND + time->tv_nsec;
}

static inline struct timespec to_timespec(ns time)
{
	struct timespec result = {time / SECOND, time % SECOND};

	if (result.tv_nsec < 0) {
		result.tv_sec--;
		result.tv_nsec += SECOND;
	}
	return result;
}

static inline int is_valid(const struct timespec *time)
{
	return time->tv_nsec >= 0 && time->tv_nsec < SECOND;
}

/* When a moment of a clock comes, by the moved monotonic one. */
static inline ns moment_of(clockid_t clock, const struct timespec *time)
{
	return of_timespec(time) - real_clock(clock) - ahead_of(clock) + now();
}

#endif
