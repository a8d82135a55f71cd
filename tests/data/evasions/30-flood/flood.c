/* A million system calls, as fast as they can be made, each with nearly the longest path that the kernel takes. */
#include <string.h>
#include <unistd.h>

#define CALLS 1000000

int main(void) {
    static char path[4090];
    memset(path, '/', sizeof path - 1);
    for (int number = 0; number < CALLS; number++)
        if (chdir(path))
            return 1;
    return 0;
}
