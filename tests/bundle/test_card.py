"""The model card: a head that hubs read, and the bundle's own numbers."""

import json
import re
from dataclasses import replace

import pytest
import yaml
from finished_run import make_run

from edgebert import bundle, report
from edgebert.bundle import card
from edgebert.bundle.manifest import Manifest

BAD = "tinybert-4-s8-int8.tflite"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("run") / "artefacts", rejected=(BAD,))


@pytest.fixture(scope="module")
def built(run):
    return report.build(run)


@pytest.fixture(scope="module")
def manifest(run, built):
    return Manifest.load(bundle.write(run, built, run / "bundle"))


def head(text):
    return yaml.safe_load(re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)[1])


def test_lies_in_the_bundle_and_in_its_manifest(run, manifest):
    assert (run / "bundle" / "MODEL_CARD.md").is_file()
    assert "MODEL_CARD.md" in {asset.path for asset in manifest.assets}
    bundle.check(run / "bundle")


def test_head_is_yaml_with_every_models_score(built, manifest):
    values = head(card.render(built, manifest))
    assert values["license"] == "apache-2.0" and values["base_model"] == "my-bert"
    assert {"onnx", "tflite"} <= set(values["tags"])
    (index,) = values["model-index"]
    found = {one["name"]: one["metrics"][0] for one in index["results"]}
    assert set(found) == {"onnx fp32", "onnx int8", "tflite fp32", "tflite int8"}
    assert (found["onnx int8"]["type"], found["onnx int8"]["value"]) == ("accuracy", 83.06)


def test_an_unknown_licence_is_not_made_up(built, manifest):
    unnamed = replace(manifest, licences=(replace(manifest.licences[0], licence="unknown: ask its authors"),))
    assert head(card.render(built, unnamed))["license"] == "unknown"


def test_a_local_teacher_is_no_base_model(built, manifest):
    local = replace(built, source=built.source | {"teacher": "/home/me/my-bert"})
    assert "base_model" not in head(card.render(local, manifest))


def test_results_are_those_of_the_files(built, manifest):
    text = card.render(built, manifest)
    row = next(line for line in text.splitlines() if line.startswith("| tinybert-4-s16-int8.tflite"))
    assert [cell.strip() for cell in row.split("|")[2:-1]] == [
        "0.0", "83.06", "-0.36", "98.77", "2 at 16", "16", "2.13", "2.34",
    ]  # fmt: skip
    assert BAD not in text and "AMD EPYC 9B45 (made up)" in text and "40 dev rows" in text


def test_examples_name_the_bundles_own_files_and_inputs(built, manifest):
    examples = re.findall(r"```python\n(.*?)```", card.render(built, manifest), re.DOTALL)
    assert '"tinybert-4-int8.onnx"' in examples[0] and "enable_truncation(16)" in examples[0]
    assert '"tinybert-4-s16-int8.tflite"' in examples[1] and "token_type_ids=np.array" in examples[1]
    for example in examples:
        compile(example, "card", "exec")


def test_what_users_wrote_stays_in_its_place(built, manifest):
    evil = 'a: "b"\n---\n# heading'
    text = card.render(built, replace(manifest, task=evil, labels=(evil, "positive")))
    assert head(text)["model-index"][0]["results"][0]["dataset"]["name"] == evil
    assert "\n# heading" not in text and json.dumps(evil) in text
