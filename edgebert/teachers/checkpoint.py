"""A Hugging Face checkpoint looked at from outside: what it is, before anything heavy is loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgebert.errors import UserError
from edgebert.files import atomic, sha256
from edgebert.recipes.options import Source

COUNTED_FROM_PAD = ("roberta", "xlm-roberta", "camembert")
"""Families whose first token has position pad + 1."""

TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")
WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on disk."""

    name: str
    """As the user wrote it, or as the built-in encoder is called."""
    folder: Path
    family: str
    """`model_type` of its configuration: "bert", "roberta", ..."""
    labels: tuple[str, ...] | None
    """Names of its outputs in order; None for a bare encoder."""
    kind: str | None
    """The kind of task that it was trained for; None for a bare encoder, and where its configuration does not say."""
    licence: str | None
    """As its model card says."""
    positions: int | None
    """The longest text it reads, in tokens; None where its configuration names no limit."""
    has_masked_lm: bool = False
    """Whether it brings a head that tells hidden words."""

    @property
    def is_classifier(self) -> bool:
        """Whether it was fine-tuned already, for whatever kind of task."""
        return self.labels is not None

    def check_length(self, length: int) -> None:
        """Make sure that texts of ``length`` tokens can be read.

        Raises:
            UserError: if there are not as many positions.
        """
        if self.positions is not None and length > self.positions:
            raise UserError(
                f"--lengths {length} is beyond the {self.positions} positions of {self.name}.",
                f"Name lengths of at most {self.positions} tokens.",
            )

    def digests(self, *patterns: str) -> dict[str, str]:
        """Hex sha256 of its files that match: what a stage depends on."""
        files = {path for pattern in patterns for path in self.folder.glob(pattern)}
        return {path.name: sha256(path) for path in sorted(files)}


def look(reference: str, name: str | None = None) -> Checkpoint:
    """Find a checkpoint and read what it says about itself.

    Args:
        reference: local folder or hub id.
        name: what to call it; the reference itself by default.

    Raises:
        UserError: if it is not there, is no checkpoint, or its weights cannot be read.
    """
    folder = Path(reference)
    if not folder.exists():
        folder = _download(reference)
    config = _config(folder)
    _check_weights(folder)
    architecture = next(iter(config.get("architectures") or []), "")
    labels = kind = None
    if architecture.endswith("ForSequenceClassification"):
        named = config.get("id2label") or {str(i): f"LABEL_{i}" for i in range(config.get("num_labels", 2))}
        labels = tuple(str(named[key]) for key in sorted(named, key=int))
        kind = _kind(config, len(labels), folder)
    # An ELECTRA that was pretrained is the one that tells replaced words, not the one that tells hidden ones.
    masked_lm = ("ForMaskedLM",) if config["model_type"] == "electra" else ("ForMaskedLM", "ForPreTraining")
    return Checkpoint(
        name or reference, folder, config["model_type"], labels, kind, _licence(folder), positions(config),
        architecture.endswith(masked_lm),
    )  # fmt: skip


def chosen(source: Source) -> Checkpoint:
    """The checkpoint that the user named, or that of the `demo` extra."""
    if source.teacher:
        return look(source.teacher)
    from edgebert.tasks.builtin import encoder_folder

    return look(str(encoder_folder()), name="all-MiniLM-L6-v2 (built-in)")


def _kind(config: Mapping[str, Any], outputs: int, folder: Path) -> str | None:
    """By its `problem_type`; a single output is a number, as transformers takes it."""
    from edgebert.tasks import kinds  # numpy is not loaded until there is a checkpoint

    stated = config.get("problem_type")
    kind = next((name for name in kinds.names() if stated == kinds.get(name).PROBLEM_TYPE), None)
    if kind == "number" and outputs > 1:
        raise UserError(
            f"{folder} was trained to give {outputs} numbers for a text; edgebert takes one.",
            "Give a checkpoint with one output, or one that classifies.",
        )
    return "number" if outputs == 1 and kind is None else kind


def positions(config: Mapping[str, Any]) -> int | None:
    """The most tokens that a configuration has positions for; None where it names no limit."""
    most = config.get("max_position_embeddings")
    if most is None or config["model_type"] not in COUNTED_FROM_PAD:
        return most
    return int(most) - int(config.get("pad_token_id", 1)) - 1


def write_tokenizer(checkpoint: Checkpoint, path: Path) -> None:
    """Write the checkpoint's fast tokenizer as one `tokenizer.json`, converted from `vocab.txt` where need be.

    Raises:
        UserError: if the checkpoint has no tokenizer that can be written so.
    """
    from transformers import AutoTokenizer

    if not any(path for pattern in TOKENIZERS for path in checkpoint.folder.glob(pattern)):
        # transformers would make an empty one.
        raise _no_tokenizer(checkpoint.folder, "none of " + ", ".join(TOKENIZERS))
    try:
        tokenizer = AutoTokenizer.from_pretrained(checkpoint.folder, local_files_only=True)
        text = tokenizer.backend_tokenizer.to_str()
    except Exception as error:
        raise _no_tokenizer(checkpoint.folder, _first_line(error)) from error
    known = _config(checkpoint.folder).get("vocab_size")
    if known is not None and tokenizer.vocab_size > known:
        raise UserError(
            f"{checkpoint.folder}: its tokenizer has {tokenizer.vocab_size} tokens, and its model knows {known}.",
            "Put the tokenizer of this model into that folder.",
        )
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _no_tokenizer(folder: Path, why: str) -> UserError:
    return UserError(
        f"{folder} holds no tokenizer that can be read ({why}).",
        "Put the model's tokenizer.json, or its vocab.txt, into that folder.",
    )


def _download(reference: str) -> Path:
    if reference.count("/") > 1 or reference.startswith((".", "/", "~")):
        raise UserError(f"The checkpoint folder {reference} does not exist.", "Check the path given to --teacher.")
    from huggingface_hub import snapshot_download

    patterns = ["*.json", "*.txt", "*.model", "*.safetensors", "pytorch_model*.bin", "README.md"]
    try:
        return Path(snapshot_download(reference, allow_patterns=patterns, ignore_patterns=["onnx/*", "openvino/*"]))
    except Exception as error:
        raise UserError(
            f"'{reference}' is neither a local folder nor a checkpoint that could be fetched from the hub "
            f"({_first_line(error)}).",
            "Check the name given to --teacher and the network, or give a local folder.",
        ) from error


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    if not folder.is_dir():
        raise UserError(f"{folder} is a file, not a checkpoint folder.", "Give the folder that holds config.json.")
    if not path.is_file():
        there = sorted(p.name for p in folder.iterdir())[:8]
        raise UserError(
            f"{folder} is no Hugging Face checkpoint: it has no config.json (it has: {', '.join(there) or 'nothing'}).",
            "Give the folder that `model.save_pretrained` and `tokenizer.save_pretrained` wrote to.",
        )
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not readable JSON: {error}", "Save or download the checkpoint again.") from error
    if not isinstance(config, dict) or "model_type" not in config:
        raise UserError(f"{path} names no model_type.", "Give a checkpoint saved by transformers.")
    return config


def _check_weights(folder: Path) -> None:
    from safetensors import SafetensorError, safe_open

    if not any((folder / name).is_file() for name in WEIGHTS):
        raise UserError(f"{folder} has a config.json but no weights.", f"It should hold one of: {', '.join(WEIGHTS)}.")
    for path in sorted(folder.glob("model*.safetensors")):
        try:
            with safe_open(path, framework="numpy") as file:
                file.keys()
        except (SafetensorError, OSError) as error:
            raise UserError(
                f"{path} is damaged ({_first_line(error)}).", "Save or download the checkpoint again."
            ) from error


def _licence(folder: Path) -> str | None:
    """The `license:` line of the model card's front matter."""
    card = folder / "README.md"
    if not card.is_file():
        return None
    lines = card.read_text(encoding="utf-8", errors="replace").splitlines()[:40]
    found = [line.split(":", 1)[1].strip() for line in lines if line.startswith("license:")]
    return found[0] if found else None


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
