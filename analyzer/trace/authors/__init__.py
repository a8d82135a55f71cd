"""Who did it: the interpreter's account beside the kernel's, and what programs do by themselves."""
