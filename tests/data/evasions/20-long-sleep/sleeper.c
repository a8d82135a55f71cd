/* Sleeps by the C library, and connects if its clocks say that the time is over. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(4021)};
	struct timeval before, after;
	struct timespec began, ended;
	time_t then = time(NULL);
	int channel;

	gettimeofday(&before, NULL);
	clock_gettime(CLOCK_MONOTONIC, &began);
	sleep(630);
	gettimeofday(&after, NULL);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	if (time(NULL) - then < 629 || after.tv_sec - before.tv_sec < 629 || ended.tv_sec - began.tv_sec < 629)
		return 1;
	inet_pton(AF_INET, "203.0.113.20", &peer.sin_addr);
	channel = socket(AF_INET, SOCK_STREAM, 0);
	return connect(channel, (struct sockaddr *)&peer, sizeof(peer));
}
