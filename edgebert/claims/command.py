"""What `edgebert claims` does: export, time, predict, print and write."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from edgebert import console, runtimes
from edgebert.claims import pages
from edgebert.claims.files import SCHEMES, file_of, write_all
from edgebert.claims.held import Held, hold
from edgebert.claims.models import PAPERS, Builders
from edgebert.claims.paper import Papers, papers
from edgebert.claims.timing import ROUNDS, busiest, time_all
from edgebert.files import atomic, write_json
from edgebert.report import words
from edgebert.report.terminal import show
from edgebert.store import machine

SCHEMA = 1
MOST_THREADS = 4
"""As many as phones have big cores, and the papers used."""


def claims(out: Path, told: Papers | None = None, builders: Builders = PAPERS) -> list[Held]:
    """Hold every claim of the papers against the same models: measured here, predicted there.

    Args:
        out: folder for `claims.html`, `claims.json`, the models' files (about 4 GB) and what each round measured; a
            killed call goes on there.
        told: the claims; those of `papers.toml` by default.
        builders: makes each model that they name.
    """
    told = told or papers()
    files, cores = out / "files", int(machine()["cores"])
    write_all(told.models, builders, told.length, files)
    threads = sorted({1, min(MOST_THREADS, cores)})
    timed = {(name, scheme): file_of(files, name, scheme) for name in told.models for scheme in SCHEMES}
    times = time_all(timed, threads, told.length, out / "rounds")
    rows = [hold(claim, scheme, times, threads, told.length, files) for scheme in SCHEMES for claim in told.claims]
    here, engine = machine(), runtimes.for_format("tflite")
    conditions = [
        f"Measured: {engine.name} {engine.version()}; {words.machine(str(here['processor']), cores)}; {told.length} "
        f"tokens, batch 1, without tokenising; {ROUNDS} rounds; weights are random. Other processes used "
        f"up to {busiest(out / 'rounds'):.0%} of the cores."
    ]
    write_json(
        out / "claims.json",
        {
            "schema": SCHEMA, "length": told.length, "engine": f"{engine.name} {engine.version()}", "machine": here,
            "rows": [asdict(row) for row in rows],
        },
    )  # fmt: skip
    with atomic(out / "claims.html") as temporary:
        temporary.write_text(pages.html(rows, conditions), encoding="utf-8")
    show(pages.narrow(rows, conditions))
    for row in rows:
        if row.verdict == "not met":
            console.say(f"not met: {row.claim.name}: {row.why}")
    console.say(f"written: {out / 'claims.html'}, {out / 'claims.json'}")
    return rows
