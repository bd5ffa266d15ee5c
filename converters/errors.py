"""What can go wrong in a conversion."""

from __future__ import annotations


class ConversionError(Exception):
    """A module could not become the file that was asked for; the message says what and what to do."""


class UnsupportedModel(ConversionError):
    """The lean graph does not know this family; `as_is` may still take it."""
