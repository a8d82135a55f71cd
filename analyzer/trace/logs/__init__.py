"""What the sandbox wrote, read as what it is: strace's text, the probe's lines, the simulated internet's record."""
