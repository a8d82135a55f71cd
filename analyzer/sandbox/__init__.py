"""Sandboxes: where a package runs, sealed and watched. Two backends behind one interface, and the tracers that they use."""
