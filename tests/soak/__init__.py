"""Analyses that are killed at random moments, hundreds of them: `make soak`."""
