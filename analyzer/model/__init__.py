"""The nouns of the project: events, packages and reports. Pure data, no I/O."""
