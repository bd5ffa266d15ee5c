"""What a student's speed is held against: its own teacher, and a BERT-base, in the same engines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from edgebert import quantize
from edgebert.convert import write_files
from edgebert.models.huggingface import HuggingFaceModel
from edgebert.models.load import load
from edgebert.recipes.options import ConvertOptions


def write_baselines(teacher: Path | None, classes: int, options: ConvertOptions, folder: Path) -> dict[str, list[Path]]:
    """Convert the teacher (fp32 and int8) and a BERT-base (fp32) at the longest length.

    Latency does not depend on the values of weights, so the BERT-base has random ones.

    Args:
        teacher: its checkpoint folder; None where the student is the teacher.
        classes: width of the logits.
        options: formats and lengths of the student's files.
        folder: where the files go.

    Returns:
        For each baseline the folders of its files.
    """
    options = replace(options, lengths=(options.max_length,))
    folders = {}
    if teacher is not None:
        folders["teacher"] = [folder / "teacher", folder / "teacher-int8"]
        write_files(load(teacher), "teacher", classes, options, folders["teacher"][0])
        quantize.quantize(folders["teacher"][0], ("int8",), folders["teacher"][1])
    folders["bert-base"] = [folder / "bert-base"]
    write_files(_bert_base(classes), "bert-base", classes, options, folders["bert-base"][0])
    return folders


def _bert_base(classes: int) -> HuggingFaceModel:
    from transformers import BertConfig, BertForSequenceClassification

    return HuggingFaceModel(BertForSequenceClassification(BertConfig(num_labels=classes)).eval())
