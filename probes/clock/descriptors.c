/* SPDX-License-Identifier: Apache-2.0
 * Waits for descriptors, which end early when one is ready. Without descriptors they are sleeps.
 */
#include "clock.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>

static int (*real_poll)(struct pollfd *, nfds_t, int);
static int (*real_ppoll)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
static int (*real_select)(int, fd_set *, fd_set *, fd_set *, struct timeval *);
static int (*real_pselect)(int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *);
static int (*real_epoll_wait)(int, struct epoll_event *, int, int);
static int (*real_epoll_pwait)(int, struct epoll_event *, int, int, const sigset_t *);
static int (*real_epoll_pwait2)(int, struct epoll_event *, int, const struct timespec *, const sigset_t *);

/* The rest of a wait, of which a slice is over: nothing came, or an error did. */
static int goes_on(struct wait *wait, int result, ns *slice)
{
	if (result)
		return 0;
	wait_slept(wait);
	*slice = wait_slice(wait);
	return *slice > 0;
}

static struct timespec first_slice(struct wait *wait, ns length, ns *slice)
{
	wait_begin(wait, length);
	*slice = wait_slice(wait);
	return to_timespec(*slice);
}

static int napped(ns length)
{
	int result;

	tell_sleep(length);
	result = sleep_until(now() + length);
	if (!result)
		return 0;
	errno = result;
	return -1;
}

OURS int ppoll(struct pollfd *watched, nfds_t count, const struct timespec *limit, const sigset_t *mask)
{
	ns length = limit && is_valid(limit) ? of_timespec(limit) : 0, slice;
	struct timespec time;
	struct wait wait;
	int result;

	if (!state || length <= (count ? PATIENCE : MOMENT))
		return REAL(ppoll)(watched, count, limit, mask);
	if (!count && !mask)
		return napped(length);
	for (time = first_slice(&wait, length, &slice); ; time = to_timespec(slice)) {
		result = REAL(ppoll)(watched, count, &time, mask);
		if (!goes_on(&wait, result, &slice))
			break;
	}
	wait_end(&wait);
	return result;
}

OURS int poll(struct pollfd *watched, nfds_t count, int limit)
{
	struct timespec time;

	if (!state || limit < 0 || limit * 1000000LL <= (count ? PATIENCE : MOMENT))
		return REAL(poll)(watched, count, limit);
	time = to_timespec(limit * 1000000LL);
	return ppoll(watched, count, &time, 0);
}

extern void __chk_fail(void) __attribute__((noreturn));

OURS int __poll_chk(struct pollfd *watched, nfds_t count, int limit, size_t size)
{
	if (size / sizeof(*watched) < count)
		__chk_fail();
	return poll(watched, count, limit);
}

OURS int __ppoll_chk(struct pollfd *watched, nfds_t count, const struct timespec *limit, const sigset_t *mask, size_t size)
{
	if (size / sizeof(*watched) < count)
		__chk_fail();
	return ppoll(watched, count, limit, mask);
}

static void copy(fd_set *to, const fd_set *from, int highest)
{
	for (int i = 0; from && i < (highest + NFDBITS - 1) / NFDBITS; i++)
		to->fds_bits[i] = from->fds_bits[i];
}

OURS int pselect(int highest, fd_set *reads, fd_set *writes, fd_set *others, const struct timespec *limit, const sigset_t *mask)
{
	ns length = limit && is_valid(limit) ? of_timespec(limit) : 0, slice;
	int sleeps = !reads && !writes && !others;
	fd_set asked[3];
	struct timespec time;
	struct wait wait;
	int result;

	if (!state || highest < 0 || highest > FD_SETSIZE || length <= (sleeps ? MOMENT : PATIENCE))
		return REAL(pselect)(highest, reads, writes, others, limit, mask);
	if (sleeps && !mask)
		return napped(length);
	copy(&asked[0], reads, highest);
	copy(&asked[1], writes, highest);
	copy(&asked[2], others, highest);
	for (time = first_slice(&wait, length, &slice); ; time = to_timespec(slice)) {
		result = REAL(pselect)(highest, reads, writes, others, &time, mask);
		if (!goes_on(&wait, result, &slice))
			break;
		if (reads)
			copy(reads, &asked[0], highest);
		if (writes)
			copy(writes, &asked[1], highest);
		if (others)
			copy(others, &asked[2], highest);
	}
	wait_end(&wait);
	return result;
}

OURS int select(int highest, fd_set *reads, fd_set *writes, fd_set *others, struct timeval *limit)
{
	ns began, length, rest;
	struct timespec time;
	int result;

	if (!state || !limit || limit->tv_sec < 0 || limit->tv_usec < 0 || limit->tv_usec >= 1000000)
		return REAL(select)(highest, reads, writes, others, limit);
	length = limit->tv_sec > (1LL << 33) ? LONGEST : limit->tv_sec * SECOND + limit->tv_usec * 1000;
	if (length <= (reads || writes || others ? PATIENCE : MOMENT))
		return REAL(select)(highest, reads, writes, others, limit);
	began = now();
	time = to_timespec(length);
	result = pselect(highest, reads, writes, others, &time, 0);
	rest = length - (now() - began); /* Linux tells it, select(2) */
	time = to_timespec(rest > 0 ? rest : 0);
	limit->tv_sec = time.tv_sec;
	limit->tv_usec = time.tv_nsec / 1000;
	return result;
}

OURS int epoll_pwait(int file, struct epoll_event *events, int most, int limit, const sigset_t *mask)
{
	ns length = limit < 0 ? 0 : limit * 1000000LL, slice;
	struct wait wait;
	int result;

	if (!state || length <= PATIENCE)
		return REAL(epoll_pwait)(file, events, most, limit, mask);
	first_slice(&wait, length, &slice);
	do
		result = REAL(epoll_pwait)(file, events, most, (slice + 999999) / 1000000, mask);
	while (goes_on(&wait, result, &slice));
	wait_end(&wait);
	return result;
}

OURS int epoll_wait(int file, struct epoll_event *events, int most, int limit)
{
	if (!state || limit < 0 || limit * 1000000LL <= PATIENCE)
		return REAL(epoll_wait)(file, events, most, limit);
	return epoll_pwait(file, events, most, limit, 0);
}

OURS int epoll_pwait2(int file, struct epoll_event *events, int most, const struct timespec *limit, const sigset_t *mask)
{
	ns length = limit && is_valid(limit) ? of_timespec(limit) : 0;
	ns most_ms = 2147483647LL;

	if (!state || length <= PATIENCE)
		return REAL(epoll_pwait2)(file, events, most, limit, mask);
	length = (length + 999999) / 1000000;
	return epoll_pwait(file, events, most, length < most_ms ? length : most_ms, mask);
}
