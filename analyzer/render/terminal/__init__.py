"""What the commands print: a summary for people, without anything that a terminal would take for a command."""
