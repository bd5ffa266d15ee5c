"""A phone through Android's debug bridge: `adb`, from the platform-tools, found on the PATH."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from edgebert.errors import UserError
from edgebert.runtimes.runtime import RuntimeFailure

ANY = "auto"
"""In place of a serial: the one phone that is connected."""
SECONDS = 60.0
PUSH_SECONDS = 600.0
MENDS = {
    "unauthorized": "Unlock it and allow USB debugging in the dialogue it shows, then try again.",
    "offline": "Unplug it and plug it in again, or run: adb reconnect offline",
    "no": "Linux may not open it: see https://developer.android.com/studio/run/device#setting-up",
}
"""What to do about a state that `adb devices` tells, by its first word."""


@dataclass(frozen=True)
class Adb:
    """A phone that is there and allows debugging.

    Attributes:
        program: path of `adb`.
        serial: of the phone, as `adb devices` lists it.
    """

    program: str
    serial: str

    @classmethod
    def connect(cls, serial: str) -> Adb:
        """Find a phone.

        Args:
            serial: as `adb devices` lists it, or "auto" for the only one.

        Raises:
            UserError: if there is no adb or no such phone, it is not authorised or offline, or "auto" has several.
        """
        program = shutil.which("adb")
        if program is None:
            raise UserError(
                "adb is not installed, or not on the PATH.",
                "Get Android's platform-tools: https://developer.android.com/tools/releases/platform-tools",
            )
        states = _states(program)
        listed = ", ".join(f"{name} ({state})" for name, state in states.items())
        if not states:
            raise UserError(
                "No phone is connected: `adb devices` lists none.",
                "Plug one in, and switch on USB debugging in its developer options.",
            )
        if serial == ANY:
            if len(states) > 1:
                raise UserError(
                    f"--adb auto: several phones are connected: {listed}.", f"Name one: --adb {min(states)}"
                )
            serial = next(iter(states))
        if serial not in states:
            raise UserError(f"--adb {serial}: it is not connected; there are: {listed}.", "Check the serial.")
        if (state := states[serial]) != "device":
            raise UserError(
                f"The phone {serial} cannot be used: adb says '{state}'.",
                MENDS.get(state.split()[0], "Let it boot into Android, then try again."),
            )
        return cls(program, serial)

    def shell(self, command: str, seconds: float = SECONDS) -> tuple[int, str]:
        """Run a command line on the phone.

        Args:
            command: for the phone's `sh`; both of its outputs are returned.
            seconds: after so many it is given up.

        Returns:
            The exit status on the phone, and the output.

        Raises:
            RuntimeFailure: if the phone went away, or the command did not end.
        """
        found = self._call(seconds, "shell", f"( {command} ) 2>&1")
        if found.returncode and re.search(r"^(error|adb): ", found.stderr, re.M):
            raise self._gone(found.stderr)
        # What is left on stderr is the phone's shell: "Segmentation fault".
        return found.returncode, (found.stdout + found.stderr).replace("\r\n", "\n")

    def push(self, local: Path, remote: str) -> None:
        """Copy a file to the phone.

        Raises:
            UserError: if the phone is full.
            RuntimeFailure: if it fails for another reason.
        """
        found = self._call(PUSH_SECONDS, "push", str(local), remote)
        if not found.returncode:
            return
        said = found.stdout + found.stderr
        if "No space left on device" in said:
            raise UserError(
                f"The phone {self.serial} has no space left for {local.name} ({local.stat().st_size / 1e6:.0f} MB).",
                f"Make room: it goes to {remote.rsplit('/', 1)[0]}, on the phone's internal storage.",
            )
        raise self._gone(said)

    def _call(self, seconds: float, *arguments: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [self.program, "-s", self.serial, *arguments], capture_output=True, text=True, errors="replace",
                timeout=seconds, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise RuntimeFailure(f"The phone {self.serial} did not answer within {seconds:.0f} s.") from error

    def _gone(self, said: str) -> RuntimeFailure:
        lines = [line for line in said.splitlines() if "error" in line or line.startswith("adb:")] or said.splitlines()
        return RuntimeFailure(
            f"The phone {self.serial} failed: {lines[-1].strip() if lines else 'adb says nothing'}",
            "See that it is connected and awake; the same command goes on.",
        )


def _states(program: str) -> dict[str, str]:
    """What `adb devices` lists: the state of each phone, by serial."""
    found = subprocess.run([program, "devices"], capture_output=True, text=True, timeout=SECONDS)
    if found.returncode:
        raise UserError(f"adb devices failed: {found.stderr.strip()}", "Run: adb kill-server, then try again.")
    lines = found.stdout.partition("List of devices attached")[2].splitlines()
    return {line.split(None, 1)[0]: line.split(None, 1)[1].strip() for line in lines if len(line.split(None, 1)) == 2}
