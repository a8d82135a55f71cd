/* SPDX-License-Identifier: GPL-2.0-or-later
 * The kernel's structures, each with the fields that are used and no others. libbpf finds the true offsets of the running
 * kernel at load (CO-RE), so order and neighbours do not matter here. A name with ___ is a variant of the part before it.
 */
#ifndef FUMEHOOD_TYPES_H
#define FUMEHOOD_TYPES_H

#include "helpers.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	u32 inum;
};
struct pid_namespace {
	struct ns_common ns;
};
struct net {
	struct ns_common ns;
};
struct upid {
	int nr;
	struct pid_namespace *ns;
};
struct pid {
	u32 level;
	struct upid numbers[1];
};
struct nsproxy {
	struct net *net_ns;
};
struct qstr {
	const unsigned char *name;
};
struct hlist_bl_node {
	struct hlist_bl_node **pprev; /* null for a name that is gone, and for what never had one */
};
struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
};
struct vfsmount {
	struct dentry *mnt_root;
};
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
struct file {
	struct path f_path;
};
struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};
struct files_struct {
	struct fdtable *fdt;
};
struct fs_struct {
	struct path pwd;
};
struct mm_struct {
	unsigned long arg_start, arg_end;
	struct file *exe_file;
};
typedef struct {
	int counter;
} atomic_t;
struct signal_struct {
	atomic_t live;
	unsigned long maxrss; /* pages */
};
struct sched_entity {
	u64 sum_exec_runtime; /* nanoseconds */
};
struct thread_info {
	unsigned long flags;
	u32 status; /* x86 alone */
};
struct task_struct {
	struct thread_info thread_info;
	int pid, tgid, exit_code;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	struct nsproxy *nsproxy;
	struct mm_struct *mm;
	struct files_struct *files;
	struct fs_struct *fs;
	struct signal_struct *signal;
	struct sched_entity se;
};
struct linux_binprm {
	const char *filename, *interp;
};

struct pt_regs {};
struct pt_regs___x86 {
	unsigned long di, si, dx, r10, r8, r9, bx, cx, bp, orig_ax;
};
struct pt_regs___arm64 {
	u64 regs[31];
	u64 orig_x0;
	s32 syscallno;
};

struct in6_addr {
	u8 bytes[16];
};
typedef struct {
	struct net *net;
} possible_net_t;
struct sock_common {
	u16 skc_family;
	u16 skc_dport; /* network order */
	u16 skc_num;   /* host order */
	u32 skc_daddr, skc_rcv_saddr;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
	possible_net_t skc_net;
};
struct sock {
	struct sock_common __sk_common;
	u16 sk_protocol;
};

struct io_cqe {
	u64 user_data;
};
struct io_kiocb {
	u8 opcode;
	struct io_cqe cqe;
};

#pragma clang attribute pop

#endif
