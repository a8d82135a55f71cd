"""A terminal inside the sandbox for the user, and files in and out."""
