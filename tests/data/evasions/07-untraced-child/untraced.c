/* The child connects to port 4007, or its parent to port 4107 where there is no such child to be had. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int reach(int port)
{
	struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};

	inet_pton(AF_INET, "203.0.113.7", &peer.sin_addr);
	return connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&peer, sizeof(peer)) != 0;
}

int main(void)
{
	long child = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);

	if (child == 0)
		_exit(reach(4007));
	if (child < 0)
		return reach(4107);
	waitpid(child, 0, 0);
	return 0;
}
