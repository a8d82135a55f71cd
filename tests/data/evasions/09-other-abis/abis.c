/* The numbers are those of asm/unistd_32.h and asm/unistd_x32.h. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SOCKET_32 = 359, CONNECT_32 = 362, X32 = 0x40000000 };

static long by_interrupt(long number, long first, long second, long third)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second), "d"(third) : "memory", "r8", "r9", "r10", "r11");
	return result;
}

int main(int count, char **words)
{
	/* 32-bit calls see the lower half of an address alone. */
	struct sockaddr_in *peer = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long descriptor;

	peer->sin_family = AF_INET;
	inet_pton(AF_INET, "203.0.113.9", &peer->sin_addr);
	if (count > 1 && strcmp(words[1], "i386") == 0) {
		peer->sin_port = htons(4009);
		descriptor = by_interrupt(SOCKET_32, AF_INET, SOCK_STREAM, 0);
		return by_interrupt(CONNECT_32, descriptor, (long)(uintptr_t)peer, sizeof(*peer)) != 0;
	}
	peer->sin_port = htons(4109);
	descriptor = syscall(X32 | SYS_socket, AF_INET, SOCK_STREAM, 0);
	return syscall(X32 | SYS_connect, descriptor, peer, sizeof(*peer)) != 0;
}
