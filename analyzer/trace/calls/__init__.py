"""System calls of one command, by either tracer, to acts of the processes that made them."""
