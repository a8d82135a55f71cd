"""Events as they would be in another run, so that two runs can be compared."""
