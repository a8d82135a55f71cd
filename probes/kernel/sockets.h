/* SPDX-License-Identifier: GPL-2.0-or-later
 * The kernel's own account of TCP: connects, listens and accepts, whatever way they were asked for.
 */
#ifndef FUMEHOOD_SOCKETS_H
#define FUMEHOOD_SOCKETS_H

#include "watch.h"

/* Whose a TCP socket is: who connected it or listens on it. */
struct {
	MAP_NUMBER(type, LRU_HASH);
	MAP_NUMBER(max_entries, 8192);
	MAP_TYPE(key, u64);
	MAP_TYPE(value, struct ids);
} owners SEC(".maps");

/*
 * The kernel passes over a program that runs already on the same processor, and a change of one socket is often interrupted by changes
 * of others. Of two programs it passes over one at most, since interrupts that change sockets do not interrupt one another: what the
 * first did not see, the second tells. For that the second has to know what the first saw: the last change, and the one before that was
 * interrupted between the two. While the second runs, the first keeps nothing, since no second will come.
 */
struct change {
	u64 socket;
	u32 old, new;
};
struct changes {
	struct change last, before;
	volatile u64 second_runs;
};
struct {
	MAP_NUMBER(type, PERCPU_ARRAY);
	MAP_NUMBER(max_entries, 1);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, struct changes);
} changes SEC(".maps");

enum { AF_INET6 = 10, TCP_SYN_SENT = 2, TCP_CLOSE = 7, TCP_LISTEN = 10 };

INLINE u16 host_order(u16 value)
{
	return value >> 8 | value << 8;
}

/*
 * Most states change in interrupts, so the current task says nothing then; whose the socket is was noted when it was connected or
 * made to listen, which the task does itself. The ids are zero where that was not seen: for an accepted connection.
 */
INLINE int tell_state(u64 *context)
{
	struct sock *sock = (void *)context[0];
	struct task_struct *task = current_task();
	u64 key = (u64)sock;
	struct net *net = sock->__sk_common.skc_net.net;
	struct nsproxy *spaces = task->nsproxy;
	struct socket_state state = {};
	struct ids ids = {}, *owner;
	u32 inode = net->ns.inum, *slot, old = context[1], new = context[2];
	const void *source, *destination;

	slot = watched(task, &ids);
	if (slot && !(spaces && spaces->net_ns == net))
		slot = 0; /* an interrupt on behalf of somebody else */
	if (slot && old == TCP_CLOSE && (new == TCP_SYN_SENT || new == TCP_LISTEN))
		map_update(&owners, &key, &ids, 0);
	if (!slot)
		slot = map_lookup(&networks, &inode);
	if (!slot)
		return 0;
	owner = map_lookup(&owners, &key);
	ids = owner ? *owner : (struct ids){};
	begin(&state.header, SOCKET_STATE, &ids);
	state.family = sock->__sk_common.skc_family;
	state.protocol = sock->sk_protocol;
	state.source_port = sock->__sk_common.skc_num;
	state.destination_port = host_order(sock->__sk_common.skc_dport);
	state.old_state = old;
	state.new_state = new;
	if (state.family == AF_INET6) {
		source = __builtin_preserve_access_index(&sock->__sk_common.skc_v6_rcv_saddr);
		destination = __builtin_preserve_access_index(&sock->__sk_common.skc_v6_daddr);
		read_kernel(state.source, 16, source);
		read_kernel(state.destination, 16, destination);
	} else {
		source = __builtin_preserve_access_index(&sock->__sk_common.skc_rcv_saddr);
		destination = __builtin_preserve_access_index(&sock->__sk_common.skc_daddr);
		read_kernel(state.source, 4, source);
		read_kernel(state.destination, 4, destination);
	}
	send(*slot, &state, sizeof(state));
	if (new == TCP_CLOSE)
		map_delete(&owners, &key);
	return 0;
}

INLINE struct changes *on_this_processor(void)
{
	u32 first = 0;

	return map_lookup(&changes, &first);
}

SEC("tp_btf/inet_sock_set_state")
int socket_state(u64 *context)
{
	struct changes *seen;

	tell_state(context);
	seen = on_this_processor();
	if (seen && !seen->second_runs) {
		if (!seen->before.socket)
			seen->before = seen->last;
		seen->last = (struct change){context[0], context[1], context[2]};
	}
	return 0;
}

INLINE int is(const struct change *one, u64 socket, u64 *context)
{
	return one->socket == socket && one->old == (u32)context[1] && one->new == (u32)context[2];
}

/* Whether the first program told it; it is forgotten then. */
INLINE int was_told(struct changes *seen, u64 *context)
{
	u64 socket = context[0];

	OPAQUE(socket); /* a number from here on; the verifier wants the pointer itself where it is followed */
	if (is(&seen->last, socket, context)) {
		seen->last = seen->before;
		seen->before.socket = 0;
		return 1;
	}
	if (is(&seen->before, socket, context)) { /* the last one came before this program could say that it runs */
		seen->last.socket = seen->before.socket = 0;
		return 1;
	}
	return 0;
}

/* Attached after the first, and so called after it. */
SEC("tp_btf/inet_sock_set_state")
int socket_state_again(u64 *context)
{
	struct changes *seen = on_this_processor();

	if (!seen)
		return tell_state(context);
	seen->second_runs = 1;
	if (!was_told(seen, context))
		tell_state(context);
	seen->second_runs = 0;
	return 0;
}

#endif
