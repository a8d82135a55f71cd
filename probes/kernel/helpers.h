/* SPDX-License-Identifier: GPL-2.0-or-later
 * What a BPF program needs of a header: integer types, sections, helpers, and maps as libbpf reads them.
 *
 * Helper numbers: the list ___BPF_FUNC_MAPPER in <linux/bpf.h> (UAPI, Linux 6.1); they never change.
 * Map definitions: "BTF-defined maps" in libbpf's documentation.
 * Field relocation: BPF_FIELD_EXISTS of enum bpf_field_info_kind in libbpf's bpf_core_read.h.
 */
#ifndef FUMEHOOD_HELPERS_H
#define FUMEHOOD_HELPERS_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;

#define SEC(name) __attribute__((section(name), used))
#define INLINE static inline __attribute__((always_inline))
/* A global function is verified once, apart from its callers: this keeps the verifier's work small. */
#define APART __attribute__((noinline))
/* The verifier has to see the very register that was compared; without this, clang may compare a copy. */
#define OPAQUE(variable) __asm__ volatile("" : "+r"(variable))
#define FIELD_EXISTS(field) __builtin_preserve_field_info(field, 2)
#define FIELD_OFFSET(field) __builtin_preserve_field_info(field, 0)

#define MAP_NUMBER(name, value) int(*name)[value]
#define MAP_TYPE(name, value) typeof(value) *name

enum map_type { HASH = 1, ARRAY = 2, PERCPU_ARRAY = 6, LRU_HASH = 9, ARRAY_OF_MAPS = 12, RINGBUF = 27, TASK_STORAGE = 29 };
enum { NO_PREALLOC = 1, STORAGE_CREATE = 1, RB_NO_WAKEUP = 1 };

struct task_struct;

static void *(*map_lookup)(void *map, const void *key) = (void *)1;
static long (*map_update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static long (*map_delete)(void *map, const void *key) = (void *)3;
static long (*read_user)(void *to, u32 size, const void *from) = (void *)112;
static long (*read_kernel)(void *to, u32 size, const void *from) = (void *)113;
static long (*read_user_string)(void *to, u32 size, const void *from) = (void *)114;
static long (*read_kernel_string)(void *to, u32 size, const void *from) = (void *)115;
static u64 (*boot_time)(void) = (void *)125;
static long (*ring_output)(void *ring, void *data, u64 size, u64 flags) = (void *)130;
static void *(*task_storage)(void *map, struct task_struct *task, void *value, u64 flags) = (void *)156;
static struct task_struct *(*current_task)(void) = (void *)158;

#endif
