/* A program of its own: no interpreter is in it that could be watched. */
#include <arpa/inet.h>
#include <unistd.h>

int main(void)
{
	struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(4002)};
	int descriptor = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, "203.0.113.2", &peer.sin_addr);
	if (connect(descriptor, (struct sockaddr *)&peer, sizeof(peer)) == 0 && write(descriptor, "hello\n", 6) == 6)
		return 0;
	return 1;
}
