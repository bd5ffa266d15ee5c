"""The folder an app takes: files, vocabulary, labels, a manifest that says how, goldens to check against."""

from edgebert.bundle.answers import verify
from edgebert.bundle.aside import set_aside
from edgebert.bundle.folder import check, install
from edgebert.bundle.golden import golden_texts
from edgebert.bundle.write import write

__all__ = ["check", "golden_texts", "install", "set_aside", "verify", "write"]
