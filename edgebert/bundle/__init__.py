"""The folder an app takes: files, vocabulary, labels, a manifest that says how to use them, goldens to check against."""

from edgebert.bundle.golden import golden_texts

__all__ = ["golden_texts"]
