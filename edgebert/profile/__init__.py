"""How long the files take and how much memory they need, with the conditions beside every number."""

from edgebert.profile.latency import Conditions, Latencies, Latency
from edgebert.profile.measure import profile

__all__ = ["Conditions", "Latencies", "Latency", "profile"]
