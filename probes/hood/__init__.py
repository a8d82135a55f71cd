"""The supervisor: runs the phases of one package inside the sandbox, each command under the tracer, and keeps the record.

It is the trusted side of the sandbox's inside. It starts as `python3 -m hood PLAN`, reads everything that it is to do from the plan
that the host wrote, needs nothing but the standard library, and never imports anything of the package.

The record that it writes (format 1; every line JSON, ASCII, text bounded):

```
steps.jsonl               one line per traced command, in order: step, phase, kind (install, start, shell, import, script, module,
                          callables, driver, session), subject, argv, begin, end (seconds since the epoch), exit ({"status": int} or
                          {"signal": name}), status (ok, failed, timeout), left_running, cut (when the rest was ended), cpu_seconds,
                          memory_bytes, reasons (what was cut), stem (of the files below), epoch (when the monotonic clock was at zero),
                          clock (where it runs ahead: date at the begin, ahead, skipped in seconds, skips)
steps/NN-phase.strace     strace's log, or NN-phase.kernel, the kernel tracer's (docs/kernel-log.md; the analyzer writes it)
steps/NN-phase.out        what the command printed, limited
steps/NN-phase.probe      the interpreter probe's lines   steps/NN-phase.driver   what the driver said (hearsay)
trees/before.jsonl, trees/PHASE.jsonl                     the writable tree before everything and after each phase
distributions.json        what is installed after the install phase: name, version, licence, addresses, files, scripts, modules
end.json                  written last: {"format": 1, "reasons": [...]}; without it the run was cut short
```

For who follows the run, there is also `running.json`: the command that was begun last, with what is known then of its line in steps.jsonl.
No record that is kept has it.
"""
