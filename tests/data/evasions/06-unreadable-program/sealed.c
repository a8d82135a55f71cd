/* Opens a file of the user's. Its own file has mode 0111, so that the kernel keeps others from its memory. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
	char path[4096], data[64];
	int file;

	snprintf(path, sizeof(path), "%s/.aws/credentials", getenv("HOME"));
	file = open(path, O_RDONLY);
	return file < 0 || read(file, data, sizeof(data)) < 1;
}
