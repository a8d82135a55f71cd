/* SPDX-License-Identifier: Apache-2.0
 * What the processes of a run share: how far their clock is ahead, who waits, and who may be at work.
 *
 * The file is made by the supervisor (probes/hood/clock.py, which knows the same layout) and mapped by every process. A package
 * may write to it too: what is read here is bounded, and nothing in it is an address.
 */
#ifndef FUMEHOOD_CLOCK_STATE_H
#define FUMEHOOD_CLOCK_STATE_H

#include <stdint.h>

#ifndef STATE_FILE /* a test has its own */
#define STATE_FILE "/run/clock/now"
#endif
#define STATE_MAGIC 0x314b434f4c434846ULL /* "FHCLOCK1" */

enum { WAITERS = 128, PROCESSES = 256 };

/* A thread that waits: until when, by the moved monotonic clock (0: nobody), and when it was last heard of, by the real one. */
struct waiter {
	int64_t until;
	int64_t heard;
};

struct state {
	uint64_t magic;
	int64_t shift;    /* the time of day is ahead by so much, beside what was skipped (ns) */
	int64_t skipped;  /* what all clocks are ahead by (ns) */
	int64_t begun;    /* what was skipped when the command began */
	int64_t woken;    /* when a wait last ended, by the real monotonic clock (ns) */
	int64_t horizon;  /* the most that one command may skip (ns) */
	uint32_t most;    /* how often one command may skip */
	uint32_t skips;   /* how often it did */
	uint32_t over;    /* that it wanted more of either */
	uint32_t owner;   /* the user whose clock it is */
	struct waiter waiter[WAITERS];
	int32_t process[PROCESSES]; /* 0: none */
};

#endif
