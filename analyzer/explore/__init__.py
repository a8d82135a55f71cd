"""The user's side of a session by hand: his terminal, what is shown in it, its recording, and files in and out.

Everything that comes from the sandbox's terminal is the package's to choose, and goes through `filter.py` before anything else sees it.
"""
