"""The tracer in the kernel: loads the programs of probes/kernel, says whom they watch, and writes what they tell to logs."""
