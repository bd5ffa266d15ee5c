"""What a student's speed is held against: its own teacher, and a BERT-base, in the same engines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from transformers import BertConfig, BertForSequenceClassification

from edgebert import quantize
from edgebert.convert import write_files
from edgebert.models.huggingface import HuggingFaceModel
from edgebert.models.load import load
from edgebert.recipes.options import ConvertOptions, QuantizeOptions


def write_baselines(
    teacher_folder: Path, options: ConvertOptions, folder: Path, *, with_teacher: bool
) -> dict[str, list[Path]]:
    """Convert the teacher (fp32 and int8) and a BERT-base (fp32) at the longest length.

    Latency does not depend on the values of weights, so the BERT-base has random ones.

    Args:
        teacher_folder: checkpoint of the teacher.
        options: formats and lengths of the student's files.
        folder: where the files go.
        with_teacher: no, where the student is the teacher.

    Returns:
        For each baseline the folders of its files.
    """
    options = replace(options, lengths=(options.max_length,), formats=options.file_formats, target=None)
    teacher = load(teacher_folder)
    classes = teacher.config.num_labels
    base = [folder / "bert-base"]
    write_files(_bert_base(teacher.config.vocab_size, classes), "bert-base", classes, options, base[0])
    if not with_teacher:
        return {"bert-base": base}
    own = [folder / "teacher", folder / "teacher-int8"]
    write_files(teacher, "teacher", classes, options, own[0])
    quantize.quantize(own[0], QuantizeOptions(schemes=("int8",)), own[1])
    return {"teacher": own, "bert-base": base}


def _bert_base(vocabulary: int, classes: int) -> HuggingFaceModel:
    """BERT-base (Devlin et al. 2019), with room for the student's token ids."""
    config = BertConfig(vocab_size=max(vocabulary, 30522), num_labels=classes)
    return HuggingFaceModel(BertForSequenceClassification(config).eval())
