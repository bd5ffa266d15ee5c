"""Proof of the app, by hand: python -m android_demo.check setup | fuzz | bundle | apk | setup-arm."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from android_demo.check import apk, jvm
from android_demo.check.arm import emulator
from android_demo.check.setup import setup
from edgebert import console
from edgebert.bundle.folder import ASSETS
from edgebert.bundle.manifest import Manifest
from edgebert.errors import GateError
from edgebert.exit_codes import exit_codes
from edgebert.tasks.builtin import labelled_table
from edgebert.tasks.strange_texts import Row, rows

app = App(
    name="python -m android_demo.check", help="The Android app, proven without a phone.", result_action="return_value"
)
app.command(setup)
app.command(emulator.setup, name="setup-arm")
Bundle = Annotated[Path, Parameter(help="A bundle, as `edgebert export` leaves it.")]


@app.command
def fuzz(bundle: Bundle = Path("artefacts/bundle"), *, texts: int = 20_000, seed: int = 0) -> None:
    """Compare the app's token ids with those of the `tokenizers` library, on sentences and on fuzzed Unicode."""
    sentences = [str(text) for _, (text,) in labelled_table().records(("text",))]
    tokenizer = bundle / Manifest.load(bundle).tokenizer.file
    with console.bar("comparing token ids", texts) as shown:

        def asked() -> Iterator[Row]:
            for row in rows(texts, seed, sentences):
                yield row
                shown.advance()

        found = list(jvm.differences(asked(), tokenizer))
    for row, wanted, given in found[:5]:
        console.say(f"{row!a}\n  tokenizers: {wanted}\n  app:        {given}")
    if found:
        raise GateError(
            f"The app gives other token ids for {len(found)} of {texts} texts.", "See the first ones above."
        )
    console.say(f"{texts} texts, seed {seed}: the app gives the same token ids as the tokenizers library.")


@app.command(name="bundle")
def check_bundle(bundle: Bundle = Path("artefacts/bundle")) -> None:
    """Run the app's self-check of a bundle on this machine's JVM, with ONNX Runtime for Java and Python's LiteRT."""
    if wrong := jvm.findings(bundle):
        raise GateError(f"The app's self-check of {bundle} says: {' '.join(wrong)}", "Do not ship it.")
    console.say(f"The app's self-check of {bundle} finds nothing wrong.")


@app.command(name="apk")
def make_apk() -> None:
    """Build the app with the bundle in its assets, sign it, verify it, and say what takes its room."""
    stand_ins = Path(__file__).parents[2] / "tests" / "android" / "stand_ins"
    with tempfile.TemporaryDirectory(prefix="edgebert-") as work:
        made = apk.build(Path(work), stand_ins)
        assets = apk.PROJECT / ASSETS
        digests = Manifest.load(assets).digests if assets.is_dir() else {}
        apk.check_assets(made.path, digests)
        console.say(made.badging.splitlines()[0])
        console.say(
            "\n".join(line for line in made.signatures.splitlines() if line.startswith(("Verifies", "Verified")))
        )
        held = f"the manifest and exactly its {len(digests)} files, hashes equal" if digests else "no bundle"
        console.say(f"The APK holds {held}.")
        console.say(", ".join(f"{name}: {size / 1e6:.2f} MB" for name, size in made.sizes.items()))


if __name__ == "__main__":
    with exit_codes():
        app()
