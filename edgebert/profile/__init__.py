"""How long the files take and how much memory they need, with the conditions beside every number."""

from edgebert.profile.latency import Conditions, Latencies, Latency
from edgebert.profile.measure import profile
from edgebert.profile.operators import OperatorTimes

__all__ = ["Conditions", "Latencies", "Latency", "OperatorTimes", "profile"]
