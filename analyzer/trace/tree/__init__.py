"""The writable files before and after a phase, and who changed them."""
