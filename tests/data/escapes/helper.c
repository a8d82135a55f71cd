#define _GNU_SOURCE
/* What a file with its owner's rights would do: says who it is, and tries to be root. Compiled by the test, static, run in the sandbox only. */
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

int main(void) {
    printf("uid %d %d\n", (int)getuid(), (int)geteuid());
    int root = setuid(0) == 0 || setresuid(0, 0, 0) == 0 || mount("none", "/tmp", "tmpfs", 0, 0) == 0;
    printf("root %s\n", root ? "yes" : "no");
    return 0;
}
