/*
 * flipping HARMLESS SECRET: opens a path that another thread switches between the two, so that who looks before or after the kernel may
 * see the harmless one.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 200 };

static char path[4096];
static const char *names[2];
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
		strcpy(path, names[turns++ & 1]);
	return 0;
}

/* Waits until the other thread runs. */
static void meet(void)
{
	unsigned before = turns;

	while (turns - before < 2)
		sched_yield();
}

int main(int count, char **words)
{
	pthread_t thread;

	if (count != 3)
		return 2;
	names[0] = words[1], names[1] = words[2];
	strcpy(path, names[0]);
	if (pthread_create(&thread, 0, flip, 0))
		return 1;
	stay_on(0);
	for (int n = 0; n < TRIES; n++) {
		int file;

		meet();
		file = open(path, O_RDONLY);
		if (file >= 0)
			close(file);
	}
	over = 1;
	return pthread_join(thread, 0);
}
