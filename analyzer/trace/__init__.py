"""From raw traces to events. Pure functions over lines of text: no I/O, and hostile input is the normal case.

Whatever cannot be read becomes a counted, reported gap, never an exception and never silence.
"""
