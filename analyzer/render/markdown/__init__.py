"""Markdown for a pull request: of a report, of what was vetted, and of a confirmation."""
