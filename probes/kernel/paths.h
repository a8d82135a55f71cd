/* SPDX-License-Identifier: GPL-2.0-or-later
 * Where a file is, whatever it was called: the names from it up to the root, as the kernel keeps them. bpf_d_path would tell the same and
 * may not be called here.
 */
#ifndef FUMEHOOD_PATHS_H
#define FUMEHOOD_PATHS_H

#include "chunks.h"

enum {
	NAMES_COUNT = 64,	/* names of one path, and mounts on the way */
	NAME_SPACE = 256,	/* NAME_MAX and a NUL */
	NAMES_MAX = 4096,
};

/* One more name behind those that are there; false where there is no room or the kernel's memory cannot be read. */
INLINE int put_name(struct draft *draft, const unsigned char *name)
{
	u64 used = draft->used;
	s64 length;

	OPAQUE(used);
	if (used > SPACE - NAME_SPACE)
		return 0;
	length = read_kernel_string(draft->bytes + used, NAME_SPACE, name);
	if (length <= 0)
		return 0;
	draft->used = used + length;
	return 1;
}

/* Puts the names of a path into the draft; false where it is longer than what is read. The draft itself holds how far this came: what the
 * verifier does not know of a turn's end need not be looked at for each. */
INLINE int walk(struct draft *draft, struct mount *mount, struct dentry *entry)
{
	struct dentry *root = 0, *parent = 0;
	struct mount *above = 0;
	const unsigned char *name = 0;
	u32 i;

	for (i = 0; i < NAMES_COUNT; i++) {
		read_kernel(&root, 8, __builtin_preserve_access_index(&mount->mnt.mnt_root));
		read_kernel(&parent, 8, __builtin_preserve_access_index(&entry->d_parent));
		read_kernel(&above, 8, __builtin_preserve_access_index(&mount->mnt_parent));
		if (entry == root && mount != above) {
			/* The root of what is mounted: go on where that is, up to the mount that is its own parent. */
			read_kernel(&entry, 8, __builtin_preserve_access_index(&mount->mnt_mountpoint));
			mount = above;
			continue;
		}
		read_kernel(&name, 8, __builtin_preserve_access_index(&entry->d_name.name));
		if (!put_name(draft, name))
			return 0;
		if (entry == root || entry == parent)
			return 1;
		entry = parent;
	}
	return 0;
}

/*
 * The names of a path, the last one first, each with its NUL, up to that of the root, which is "/". Of what has no place in the tree of
 * files (a pipe, memory) there is one name alone, which the kernel gave it. "" comes before the names of what was deleted. Nothing is
 * told of a path that is longer than what is read.
 */
APART int put_names(u32 of, u32 index, u64 where)
{
	struct draft *draft = map_lookup(&drafts, &of);
	struct hlist_bl_node **listed = 0;
	struct vfsmount *mount = 0;
	struct dentry *entry = 0;
	u64 start, length;
	u8 *to;

	if (!draft)
		return 0;
	start = draft->used;
	to = room(draft, NAMES_MAX);
	if (!to)
		return 0;
	read_kernel(&mount, 8, __builtin_preserve_access_index(&((struct path *)where)->mnt));
	read_kernel(&entry, 8, __builtin_preserve_access_index(&((struct path *)where)->dentry));
	if (!mount || !entry)
		return 0;
	read_kernel(&listed, 8, __builtin_preserve_access_index(&entry->d_hash.pprev));
	draft->used = start + CHUNK;
	if (!listed) {
		*to = 0;
		draft->used++;
	}
	if (!walk(draft, (void *)mount - FIELD_OFFSET(((struct mount *)0)->mnt), entry)) {
		draft->used = start;
		return 0;
	}
	length = draft->used - start - CHUNK;
	draft->used = start;
	close_chunk(draft, to, index, NAMES, length);
	return 0;
}

/* What a descriptor of the task refers to. */
APART int put_descriptor(u32 of, u32 number)
{
	struct fdtable *table = 0;
	struct file **files = 0, *file = 0;
	struct files_struct *open;
	u32 most = 0;

	open = current_task()->files;
	if (!open)
		return 0;
	read_kernel(&table, 8, __builtin_preserve_access_index(&open->fdt));
	if (!table)
		return 0;
	read_kernel(&most, 4, __builtin_preserve_access_index(&table->max_fds));
	read_kernel(&files, 8, __builtin_preserve_access_index(&table->fd));
	if (number >= most || !files || read_kernel(&file, 8, files + number) || !file)
		return 0;
	return put_names(of, RESULT, (u64)__builtin_preserve_access_index(&file->f_path));
}

/* The working folder. */
APART int put_folder(u32 of)
{
	struct fs_struct *places = 0;

	read_kernel(&places, 8, __builtin_preserve_access_index(&current_task()->fs));
	return places ? put_names(of, RESULT, (u64)__builtin_preserve_access_index(&places->pwd)) : 0;
}

/* The file of the program that the task runs: of a script, its interpreter's. */
APART int put_program(u32 of)
{
	struct mm_struct *memory = current_task()->mm;
	struct file *file = 0;

	if (!memory || read_kernel(&file, 8, __builtin_preserve_access_index(&memory->exe_file)) || !file)
		return 0;
	return put_names(of, RESULT, (u64)__builtin_preserve_access_index(&file->f_path));
}

#endif
