/* SPDX-License-Identifier: GPL-2.0-or-later
 * Requests that come to the kernel through io_uring, past the system calls.
 */
#ifndef FUMEHOOD_URING_H
#define FUMEHOOD_URING_H

#include "watch.h"

INLINE int tell_request(struct io_kiocb *request)
{
	struct io_uring record = {};
	struct ids ids = {};
	u32 *slot = watched(current_task(), &ids);

	if (!slot)
		return 0;
	begin((void *)&record, IO_URING, &ids);
	record.opcode = request->opcode;
	record.user_data = request->cqe.user_data;
	send(*slot, &record, sizeof(record));
	return 0;
}

/* Linux 6.4 and later */
SEC("tp_btf/io_uring_submit_req")
int uring_request(u64 *context)
{
	return tell_request((void *)context[0]);
}

/* Linux 6.0 to 6.3; before, the first argument is another */
SEC("tp_btf/io_uring_submit_sqe")
int uring_entry(u64 *context)
{
	return tell_request((void *)context[0]);
}

#endif
