"""SARIF 2.1.0: of a report, of what was vetted, and of a scanner's findings with their answers."""
