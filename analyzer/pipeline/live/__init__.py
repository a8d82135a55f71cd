"""Behaviors while a run goes on: a view of the record as it grows. The report, made when the run is over, is what counts."""

from analyzer.pipeline.live.following import Live
from analyzer.pipeline.live.shown import LiveBehavior

__all__ = ["Live", "LiveBehavior"]
