# SPDX-License-Identifier: GPL-2.0-or-later
"""Says what a packet capture shows: flows, DNS questions, plain HTTP requests and TLS greetings.

    python3 -m dissector CAPTURE.pcap OUT.jsonl [--dials EXCHANGES.jsonl] [--max-packets N]

A program of its own, under a licence of its own (see LICENSE in this folder), because it uses scapy. It is meant to run
without privileges inside the sandbox's network namespace, so that hostile packets meet no parser on the host. It opens
no connection. `dissector.output` describes what it writes.
"""
