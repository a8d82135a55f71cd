"""The path of one package, from what the user named to the report."""

from analyzer.pipeline.analyze import Options, analyze

__all__ = ["Options", "analyze"]
