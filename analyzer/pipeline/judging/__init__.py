"""A run's record to its report, part by part."""
