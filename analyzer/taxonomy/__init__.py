"""The behavior taxonomy: what each behavior is called and means. Data in `data/*.yaml`, one file per category."""

from analyzer.taxonomy.behavior import Behavior, Taxonomy, load

__all__ = ["Behavior", "Taxonomy", "load"]
