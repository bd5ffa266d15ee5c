"""The models that are compared: untrained ones of the published shapes, for time does not depend on weights."""

from __future__ import annotations

from pathlib import Path

from edgebert.files import atomic

STUDENTS = ("tinybert-4", "tinybert-6", "mobilebert", "mobilebert-tiny", "bilstm")
PAIRS = (("mobilebert", "bert-base"), ("bort", "bert-large"), ("tinybert-4", "bert-base"))
"""A small model, and the large one that its paper holds it against."""
SIZES = "sizes"
"""The contest of these pairs, in edgebert's files and in PyTorch."""
NAMES = ("tinybert-4", "tinybert-6", "distilbert", "bort", "bert-base", "mobilebert", "bilstm")
"""Those that every engine runs."""


def write(name: str, folder: Path) -> Path:
    """The checkpoint of a family in ``folder``, with the built-in encoder's tokenizer; one that is there stays."""
    if not folder.exists():
        with atomic(folder) as temporary:
            _write(name, temporary)
    return folder


def _write(name: str, folder: Path) -> None:
    import torch

    from benchmarks import shapes
    from edgebert.claims.models import PAPERS
    from edgebert.models.evaluate import Evaluation
    from edgebert.models.load import load
    from edgebert.tasks.builtin import encoder_folder

    torch.manual_seed(0)
    if name in STUDENTS:
        teacher = folder.with_name("teacher")
        if not teacher.exists():
            shapes.write_teacher(teacher)
        shapes.write_student(name, teacher, folder)
    else:
        PAPERS[name]().save(folder)
    model = load(folder)
    with torch.no_grad():
        # A new model's biases are zeros and its normalisations' weights ones, which exporters leave out.
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.02 * torch.randn_like(parameter))
    model.save(folder)
    Evaluation.save_tokenizer(encoder_folder(), folder)
