"""A phone that is ready to time files: found, asked what it is, and its cores chosen."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import device_profiles
from edgebert.errors import UserError
from edgebert.files import sha256
from edgebert.recipes.options import PhoneOptions
from edgebert.runtimes import phone
from edgebert.runtimes.adb import Adb
from edgebert.runtimes.benchmark_model import WHERE
from edgebert.runtimes.phone import Phone


@dataclass(frozen=True)
class Ready:
    """A phone, and what is to be done on it.

    Attributes:
        adb: the way there.
        phone: what it is.
        program: `benchmark_model`, built for it.
        mask: cores to pin it to, as `taskset` takes them.
        delegates: to time as well.
    """

    adb: Adb
    phone: Phone
    program: Path
    mask: str
    delegates: tuple[str, ...]

    @property
    def folder(self) -> str:
        """A folder's name for this phone: its serial, without signs that folders do not take."""
        return re.sub(r"[^\w.-]", "_", self.phone.serial)

    @property
    def settings(self) -> dict[str, Any]:
        """What its times depend on, beside the files."""
        return {
            "phone": asdict(self.phone),
            "program": sha256(self.program),
            "mask": self.mask,
            "delegates": self.delegates,
        }


def look(options: PhoneOptions) -> Ready:
    """Find the phone and the program.

    Raises:
        UserError: if one of them is not there or not usable, or it is not known which cores are big.
    """
    if not options.benchmark_model:
        raise UserError("--adb needs --benchmark-model, the program that times files on the phone.", WHERE)
    program = Path(options.benchmark_model)
    if not program.is_file():
        raise UserError(f"--benchmark-model {program}: there is no such file.", WHERE)
    adb = Adb.connect(options.adb or "")
    found = phone.read(adb)
    mask = device_profiles.load(options.device).big_mask if options.device else found.big_mask
    if mask is None:
        raise UserError(
            f"{found.name} does not tell the clocks of its cores, so it is not known which to time on.",
            f"Name a profile with --device: {', '.join(device_profiles.names())}, or a .toml file.",
        )
    return Ready(adb, found, program, mask, tuple(dict.fromkeys(options.delegate)))
