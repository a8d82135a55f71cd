/* SPDX-License-Identifier: GPL-2.0-or-later
 * Requests that come to the kernel through io_uring, past the system calls.
 */
#ifndef FUMEHOOD_URING_H
#define FUMEHOOD_URING_H

#include "watch.h"

SEC("tp_btf/io_uring_submit_req")
int uring_request(u64 *context)
{
	struct io_kiocb *request = (void *)context[0];
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

#endif
