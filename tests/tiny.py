"""Real checkpoints and tables, made tiny: two layers of 32, a few dozen words, classes learnt in a second."""

import csv
import itertools
import os
import subprocess
import sys
from pathlib import Path

GOOD = ["good", "great", "lovely", "superb", "charming", "brilliant"]
BAD = ["bad", "awful", "boring", "terrible", "clumsy", "dreadful"]
PLAIN = ["long", "short", "recent", "local", "quiet", "usual"]
NOUNS = ["film", "plot", "cast", "music", "story"]
FRAMES = ["the {} was {}", "a {} so {}", "{} : rather {} , i found", "what can i say , this {} is {}"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 128}
POSITIONS = 40


def sentences(words):
    """Every frame with every noun and every one of ``words``, in an order that mixes them."""
    found = [frame.format(noun, word) for word, noun, frame in itertools.product(words, NOUNS, FRAMES)]
    return found[::7] + [text for i, text in enumerate(found) if i % 7]


def reviews():
    """240 rows of two classes, in turn."""
    pairs = zip(sentences(GOOD), sentences(BAD), strict=True)
    return [row for good, bad in pairs for row in ((good, "positive"), (bad, "negative"))]


def three_classes():
    """360 rows of three classes, in turn."""
    rows = zip(sentences(GOOD), sentences(BAD), sentences(PLAIN), strict=True)
    return [row for good, bad, plain in rows for row in ((good, "good"), (bad, "bad"), (plain, "plain"))]


def pairs():
    """240 pairs: what the second text says decides."""
    return [(f"tell me of the {NOUNS[i % 5]}", text, label) for i, (text, label) in enumerate(reviews())]


def write_table(path, rows, columns=("text", "label")):
    """Write a CSV table with a header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def save_checkpoint(folder, family="bert", labels=None, seed=0, **config):
    """Save a checkpoint of random weights with its tokenizer; a classifier where there are ``labels``."""
    import torch
    import transformers

    tokenizer = _byte_pairs(folder) if family == "roberta" else _word_pieces(folder)
    shape = SHAPE | {"vocab_size": len(tokenizer), "max_position_embeddings": POSITIONS} | FAMILIES[family][1]
    if labels:
        shape |= {"id2label": dict(enumerate(labels)), "label2id": {label: i for i, label in enumerate(labels)}}
    name = FAMILIES[family][0]
    kind = getattr(transformers, f"{name}ForSequenceClassification" if labels else f"{name}Model")
    torch.manual_seed(seed)
    kind(getattr(transformers, f"{name}Config")(**(shape | config))).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


FAMILIES = {
    "bert": ("Bert", {}),
    "distilbert": ("DistilBert", {"dim": 32, "hidden_dim": 128, "n_layers": 2, "n_heads": 2}),
    "roberta": ("Roberta", {"type_vocab_size": 1, "max_position_embeddings": POSITIONS + 2, "pad_token_id": 1}),
    "electra": ("Electra", {"embedding_size": 16}),
    "mobilebert": ("MobileBert", {"embedding_size": 16, "intra_bottleneck_size": 16, "true_hidden_size": 16}),
}


def train(folder, rows, epochs=20):
    """Fit the classifier in ``folder`` to ``rows`` of text and label."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(folder).train()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = tokenizer([text for text, _ in rows], padding=True, return_tensors="pt")
    labels = torch.tensor([model.config.label2id[label] for _, label in rows])
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(epochs):
        for places in torch.randperm(len(rows), generator=torch.Generator().manual_seed(0)).split(32):
            batch = {name: values[places] for name, values in texts.items()}
            model(**batch, labels=labels[places]).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    model.save_pretrained(folder)
    return folder


ON_ONE_CORE = """
import os
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from edgebert.cli import main
main()
"""


def command(*arguments):
    """`edgebert` with ``arguments``, for a process of its own, which gives the same on machines of any size."""
    return [sys.executable, "-c", ON_ONE_CORE, *map(str, arguments)]


def settings(**more):
    """Keywords of `subprocess`."""
    environment = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "COLUMNS": "160", **more}
    return {"env": os.environ | environment, "cwd": Path(__file__).parent.parent}


def edgebert(*arguments, **environment):
    """Run the command line in a process of its own; gives the finished process, its messages in `stderr`."""
    return subprocess.run(command(*arguments), capture_output=True, text=True, **settings(**environment))


def call(*arguments):
    """Run the command line in this process; gives the exit code."""
    from edgebert.cli import main

    try:
        main([str(argument) for argument in arguments])
    except SystemExit as stop:
        return stop.code or 0
    return 0


def _words():
    texts = [text for text, _ in reviews() + three_classes()] + [text for text, _, _ in pairs()]
    return sorted({word for text in texts for word in text.split()})


def _word_pieces(folder):
    from transformers import BertTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    letters, words = "abcdefghijklmnopqrstuvwxyz", _words()
    tokens = [*SPECIAL, *words, *(x for x in letters if x not in words), *(f"##{x}" for x in letters)]
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n")
    return BertTokenizer.from_pretrained(folder)


def _byte_pairs(folder):
    from tokenizers import ByteLevelBPETokenizer
    from transformers import RobertaTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    trained = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    texts = [text for text, _ in reviews()] * 4
    trained.train_from_iterator(texts, vocab_size=400, min_frequency=2, special_tokens=special, show_progress=False)
    trained.save_model(str(folder))
    return RobertaTokenizer.from_pretrained(folder)
