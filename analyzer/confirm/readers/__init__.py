"""Readers of scanners' documents, a module a format: each takes a parsed document, and gives findings and notes."""
