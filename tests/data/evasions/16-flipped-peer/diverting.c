/* Connects to addresses that another thread switches between a harmless one and the real one, 198.51.100.16 port 4116. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TRIES = 40 };

static struct sockaddr_in peer, peers[2];
static atomic_uint turns;
static atomic_int over;

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
	while (!over)
		memcpy(&peer, &peers[turns++ & 1], sizeof(peer));
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

int main(void)
{
	pthread_t thread;

	name(&peers[0], "192.0.2.16", 4016);
	name(&peers[1], "198.51.100.16", 4116);
	peer = peers[0];
	if (pthread_create(&thread, 0, flip, 0))
		return 1;
	stay_on(0);
	for (int n = 0; n < TRIES; n++) {
		int stream = socket(AF_INET, SOCK_STREAM, 0);

		meet();
		connect(stream, (struct sockaddr *)&peer, sizeof(peer));
		close(stream);
	}
	over = 1;
	return pthread_join(thread, 0);
}
