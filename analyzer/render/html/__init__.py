"""The page: one file that needs nothing else."""
