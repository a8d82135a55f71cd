/* Connects to a port by how it was started: argv[0] is "by-name" or "by-descriptor". */
#include <arpa/inet.h>
#include <string.h>

int main(int count, char **words)
{
	int port = count && strcmp(words[0], "by-name") == 0 ? 4003 : 4103;
	struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};

	inet_pton(AF_INET, "203.0.113.3", &peer.sin_addr);
	return connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&peer, sizeof(peer)) != 0;
}
