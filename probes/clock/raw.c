/* SPDX-License-Identifier: Apache-2.0
 * The C library's own functions behind ours, and system calls that nobody interposes.
 */
#include "clock.h"

#include <dlfcn.h>
#include <sys/syscall.h>

typedef void *finder(void *, const char *);
static finder *real_dlsym;

void *found_version(const char *name, const char *first, const char *second)
{
	void *function = dlvsym(RTLD_NEXT, name, first);

	return function ? function : dlvsym(RTLD_NEXT, name, second);
}

static finder *real_finder(void)
{
	/* Its versions: since glibc 2.34 on all machines; before, the first one of x86-64. */
	if (!real_dlsym)
		real_dlsym = (finder *)found_version("dlsym", "GLIBC_2.34", "GLIBC_2.2.5");
	return real_dlsym;
}

void *found(const char *name)
{
	return real_finder()(RTLD_NEXT, name);
}

#if defined(__x86_64__)
long raw(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
long raw(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
}
#else
#error "only x86-64 and arm64 are known"
#endif

/* ctypes and others look functions up in the C library itself, and would get around ours. */
#define INTERPOSED(each) \
	each(clock_gettime) each(gettimeofday) each(time) each(timespec_get) each(nanosleep) each(clock_nanosleep) \
	each(usleep) each(sleep) each(pause) each(select) each(pselect) each(poll) each(ppoll) each(epoll_wait) \
	each(epoll_pwait) each(epoll_pwait2) each(sem_timedwait) each(sem_clockwait) each(pthread_mutex_timedlock) \
	each(pthread_mutex_clocklock) each(sigtimedwait) each(syscall)

#define DECLARED(name) extern void name(void) __asm__(#name);
#define ROW(name) {#name, (void *)our_##name},
#define OWN(name) extern void our_##name(void) __asm__(#name);
INTERPOSED(OWN)

static const struct {
	const char *name;
	void *ours;
} interposed[] = {INTERPOSED(ROW)};

static int same(const char *one, const char *other)
{
	while (*one && *one == *other)
		one++, other++;
	return *one == *other;
}

/* What a library has under a name, unless that is what ours stands before. RTLD_NEXT goes by the caller's place, so the call must
 * be its own (a tail call): nothing may follow it. */
OURS void *dlsym(void *handle, const char *name)
{
	finder *find = real_finder();

	if (handle == RTLD_NEXT || handle == RTLD_DEFAULT || !state || !name)
		return find(handle, name);
	for (size_t i = 0; i < sizeof(interposed) / sizeof(*interposed); i++)
		if (same(interposed[i].name, name)) {
			void *theirs = find(handle, name);

			return theirs && theirs == find(RTLD_NEXT, name) ? interposed[i].ours : theirs;
		}
	return find(handle, name);
}
