"""Does the file answer as the model did? Every file, in its real engine, on every dev row, against stated gates."""

from edgebert.verify.check import verify
from edgebert.verify.interval import Bootstrap, Kept
from edgebert.verify.scores import FileScore, Padding, Scores, Worst

__all__ = ["Bootstrap", "FileScore", "Kept", "Padding", "Scores", "Worst", "verify"]
