"""Errors to messages and exit codes, for the command line and for every script beside it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from converters.errors import ConversionError
from device_profiles.errors import DeviceProfileError
from edgebert import console
from edgebert.errors import EdgebertError, UserError, not_installed

STOPPED = 130


@contextmanager
def exit_codes() -> Iterator[None]:
    """End the process with 1 for a failed gate or our own failure, 2 for a user's mistake, 130 when stopped.

    An error that edgebert did not foresee passes through, with its traceback.
    """
    try:
        yield
    except KeyboardInterrupt:
        console.say("\nStopped. The same command goes on from here.")
        sys.exit(STOPPED)
    except EdgebertError as error:
        console.fail(error.what, error.fix)
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        missing = not_installed(error)
        if missing is None:
            raise
        console.fail(missing.what, missing.fix)
        sys.exit(missing.exit_code)
    except DeviceProfileError as error:
        console.fail(str(error), "")
        sys.exit(UserError.exit_code)
    except ConversionError as error:
        console.fail(str(error), "")
        sys.exit(1)
    except OSError as error:  # a full disk, a folder without permission
        console.fail(
            f"{error.filename or 'edgebert'}: {error.strerror or error}", "Mend that; the same command goes on."
        )
        sys.exit(1)
