"""Small files for MediaPipe, and one that gives back the token ids that MediaPipe feeds it."""

import json

import numpy as np
import torch
import toy_files
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from converters import Deployment, GraphSpec, TextClassifier, associated_files, convert, metadata, save_list
from converters.graph_spec import BERT
from converters.tflite_graph import TfliteFile

LABELS = ("bad", "good")
WORDS = ["film", "un", "##able", "e", "cafe", "##s", "é", "天", "!", "-", "[", "]", "mask", "a", "##a", "b", "##b"]
VOCABULARY = (*toy_files.SPECIAL, "good", "bad", *WORDS)


def write_tokenizer(path, **rules):
    """An uncased BERT tokenizer of `VOCABULARY`, or one with other ``rules``."""
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(**{"lowercase": True, **rules})
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.add_special_tokens(toy_files.SPECIAL)
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))
    return json.loads(path.read_text())


def described(labels=LABELS, vocabulary=VOCABULARY):
    """The words for the metadata."""
    return TextClassifier(name="toy", description="good or bad", vocabulary=tuple(vocabulary), labels=tuple(labels))


class Net(torch.nn.Module):
    """Says "good" of texts with that word; does not read the token types."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.words, self.head = torch.nn.Embedding(len(VOCABULARY), 64), torch.nn.Linear(64, 2)
        with torch.no_grad():
            for label, word in enumerate(LABELS):
                self.words.weight[VOCABULARY.index(word)] = 3 * self.head.weight[label]

    def forward(self, input_ids, attention_mask, token_type_ids):
        kept = attention_mask.float()[:, :, None]
        return self.head((self.words(input_ids) * kept).sum(1) / kept.sum(1)).softmax(-1)


def write_net(folder, lengths=(16,)):
    """The net's fp32 files and their list."""
    spec = GraphSpec(target="mediapipe", lengths=lengths, inputs=BERT, output="probabilities", num_labels=2)
    artefacts = convert(Deployment.of(Net().eval(), spec), folder, "net", described())
    save_list(artefacts, folder)
    return artefacts


def write_echo(path, vocabulary, length):
    """A classifier whose scores are its token ids, a label for each place."""
    file = TfliteFile()
    graph = file.graph()
    inputs = {name: graph.tensor((1, length), np.int32) for name in BERT}
    found = graph.op("CAST", (inputs["input_ids"],), (1, length))
    file.sign(graph, "classify", inputs, {"probabilities": found})
    path.write_bytes(file.content())
    classifier = described(map(str, range(length)), vocabulary)
    metadata.write(path, classifier)
    associated_files.append(path, classifier.files)
