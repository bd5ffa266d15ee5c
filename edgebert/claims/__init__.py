"""The speed-ups that papers print, held against the same models at the same size: measured here, predicted there."""

from edgebert.claims.command import claims

__all__ = ["claims"]
