"""Renderers: pure functions from a saved report to a format. Nothing here reads the network, the clock or a sandbox."""
