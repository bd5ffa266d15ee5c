"""Limits that several options share."""

from __future__ import annotations

from edgebert.errors import UserError


def shares(options: object, *names: str) -> None:
    """Refuse a value of these fields that is no share, 0 to 1."""
    for name in names:
        if not 0 <= getattr(options, name) <= 1:
            raise UserError(
                f"--{name.replace('_', '-')} {getattr(options, name)} is not between 0 and 1.", "0 switches it off."
            )


def above_zero(options: object, *names: str) -> None:
    """Refuse a value of these fields that is 0 or less; None passes."""
    for name in names:
        value = getattr(options, name)
        if value is not None and not value > 0:
            raise UserError(f"--{name.replace('_', '-')} {value} is not above 0.", "Give a number above 0.")
