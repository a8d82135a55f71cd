/*
 * Connects to addresses that another thread switches between a harmless one and the real one, 198.51.100.16 port 4116: first as fast as it
 * can, which meets a tracer that reads just before the kernel does, then once for each call, a little later each time, while the calling
 * thread has to wait for its processor, which meets a tracer that reads long before.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FAST = 160, SLOW = 40, STEP = 1000 };

static struct sockaddr_in peer, peers[2];
static atomic_uint turns;
static atomic_int fast = 1, over, tries;

/* On one processor they would never meet. */
static void stay_on(int processor)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(processor, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

static void *flip(void *argument)
{
	(void)argument;
	stay_on(1);
	while (fast)
		memcpy(&peer, &peers[turns++ & 1], sizeof(peer));
	for (int n = 1; n <= SLOW; n++) {
		while (tries < n)
			sched_yield();
		for (int wait = 0; wait < n * STEP; wait++)
			turns++;
		memcpy(&peer, &peers[1], sizeof(peer));
	}
	return 0;
}

static void *keep_busy(void *argument)
{
	(void)argument;
	stay_on(0);
	while (!over)
		turns++;
	return 0;
}

static void name(struct sockaddr_in *one, const char *address, int port)
{
	one->sin_family = AF_INET;
	one->sin_port = htons(port);
	inet_pton(AF_INET, address, &one->sin_addr);
}

/* Waits until the other thread runs. */
static void meet(void)
{
	unsigned before = turns;

	while (turns - before < 2)
		sched_yield();
}

static void try(void)
{
	int stream = socket(AF_INET, SOCK_STREAM, 0);

	tries++;
	connect(stream, (struct sockaddr *)&peer, sizeof(peer));
	close(stream);
}

int main(void)
{
	pthread_t flipping, busy;

	name(&peers[0], "192.0.2.16", 4016);
	name(&peers[1], "198.51.100.16", 4116);
	peer = peers[0];
	if (pthread_create(&flipping, 0, flip, 0))
		return 1;
	stay_on(0);
	for (int n = 0; n < FAST; n++) {
		meet();
		try();
	}
	fast = tries = 0;
	if (pthread_create(&busy, 0, keep_busy, 0))
		return 1;
	setpriority(PRIO_PROCESS, 0, 19);
	for (int n = 0; n < SLOW; n++) {
		memcpy(&peer, &peers[0], sizeof(peer));
		try();
	}
	over = 1;
	return pthread_join(flipping, 0) || pthread_join(busy, 0);
}
