/* Each task connects to a port of its own: clone3's 4008, vfork's 4108, a thread's 4208, and that of a thread's own child 4308. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int reach(int port)
{
	struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};
	int descriptor = socket(AF_INET, SOCK_STREAM, 0), failed;

	inet_pton(AF_INET, "203.0.113.8", &peer.sin_addr);
	failed = connect(descriptor, (struct sockaddr *)&peer, sizeof(peer)) != 0;
	close(descriptor);
	return failed;
}

static void *in_thread(void *argument)
{
	(void)argument;
	reach(4208);
	if (fork() == 0)
		_exit(reach(4308));
	wait(0);
	return 0;
}

int main(int count, char **words)
{
	struct clone_args how = {.exit_signal = SIGCHLD};
	pthread_t thread;
	long child;

	if (count > 1)
		return reach(4108);
	child = syscall(SYS_clone3, &how, sizeof(how));
	if (child < 0)
		child = fork(); /* as the C library does */
	if (child == 0)
		_exit(reach(4008));
	wait(0);
	if (vfork() == 0) {
		execl("/proc/self/exe", words[0], "again", (char *)0);
		_exit(1);
	}
	wait(0);
	pthread_create(&thread, 0, in_thread, 0);
	pthread_join(thread, 0);
	return 0;
}
