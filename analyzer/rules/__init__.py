"""Rules: from events to named behaviors, by declarative files. Adding a behavior needs no Python."""
