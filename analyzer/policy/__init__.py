"""Policies: what a user allows, wants to look at and rejects, as data; and the verdict that one gives on a report."""

from analyzer.policy.known import Known
from analyzer.policy.loader import Policy, Source, default_policy, load_policy
from analyzer.policy.verdict import AT_LEAST, evaluate, violates

__all__ = ["AT_LEAST", "Known", "Policy", "Source", "default_policy", "evaluate", "load_policy", "violates"]
