"""CycloneDX 1.6: of a report, and of what was vetted."""
