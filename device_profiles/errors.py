"""What can go wrong with a device profile."""

from __future__ import annotations


class DeviceProfileError(Exception):
    """A profile is missing, or not what a profile has to be; the message says where and what to do."""
