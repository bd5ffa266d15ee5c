"""Every recipe loads, and every option of every stage is on the command line."""

import dataclasses

import pytest

from edgebert import arguments, cli, recipes
from edgebert.errors import UserError
from edgebert.recipes import Recipe
from edgebert.recipes.options import ConvertOptions, DistillOptions, Source

STAGES = {field.name: type(field.default) for field in dataclasses.fields(Recipe)}


@pytest.mark.parametrize("name", recipes.names())
def test_a_recipe_loads_and_survives_a_journey_through_its_tables(name):
    recipe = recipes.load(name)
    assert Recipe.from_tables(recipe.to_tables(), where="test") == recipe
    assert recipe != Recipe() or recipes.read(name)["distill"]["student"] == Recipe().distill.student


def parsed(*tokens):
    """What `export` would be called with."""
    cli.app.config = [arguments.defaults(tokens)]
    command, bound, _ = cli.app.parse_args(arguments.split_lists(tokens), exit_on_error=False, print_error=False)
    bound.apply_defaults()
    return command.__name__, bound.arguments


OTHER = {"init": "random", "init_checkpoint": "x", "formats": "onnx", "lengths": "48", "output": "probabilities",
         "schemes": "int8", "method": "logits", "student": "none", "baselines": None, "kind": "labels",
         "candidates": "lexical", "tflite_layout": "files", "isa": "avx2", "target": "litert", "text_input": "exact",
         "layer_map": "top", "tinybert_terms": "attention", "schedule": "joint", "budget_percentile": "50"}  # fmt: skip


@pytest.mark.parametrize(
    ("stage", "name"), [(stage, f.name) for stage, kind in STAGES.items() for f in dataclasses.fields(kind)]
)
def test_every_option_is_on_the_command_line(stage, name):
    default = getattr(STAGES[stage](), name)
    prefix = "finetune." if stage == "finetune" else ""
    option = f"--{prefix}{name.replace('_', '-')}"
    if isinstance(default, bool):
        tokens = [option.replace("--", "--no-")]
    else:
        number = default / 2 if isinstance(default, float) else (default if isinstance(default, int) else 0) + 1
        tokens = [option, str(OTHER.get(name, number))]
    if name == "init_checkpoint":
        tokens += ["--init", "checkpoint"]
    if name == "text_input":
        tokens += ["--target", "onnx-mobile"]
    _, arguments = parsed("export", *tokens)
    found, expected = getattr(arguments[stage], name), recipes.load(recipes.DEFAULT)
    assert found != getattr(getattr(expected, stage), name)


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Source)])
def test_every_source_is_on_the_command_line(name):
    train = () if name == "train" else ("--train", "t")
    _, arguments = parsed("export", *train, f"--{name.replace('_', '-')}", "x")
    assert getattr(arguments["source"], name) == "x"


def test_an_option_wins_over_the_recipe_and_the_recipe_over_the_default(tmp_path):
    mine = tmp_path / "mine.toml"
    tables = ("[distill]", "student = 'bert-2-128'", "epochs = 9", "[convert]", "lengths = [16, 8]")
    mine.write_text("\n".join([*tables, "[finetune]", "epochs = 1"]))
    _, arguments = parsed("export", "--recipe", str(mine), "--epochs", "2.5")
    assert arguments["distill"] == DistillOptions(student="bert-2-128", epochs=2.5)
    assert arguments["convert"] == ConvertOptions(lengths=(8, 16))
    assert arguments["finetune"].epochs == 1
    _, arguments = parsed("finetune", "--recipe", str(mine), "--epochs", "4")
    assert arguments["options"].epochs == 4


@pytest.mark.parametrize("tokens", [("--lengths", "32", "64"), ("--lengths", "32,64"), ("--lengths=32,64",)])
def test_lists_are_written_as_one_likes(tokens):
    assert parsed("export", *tokens)[1]["convert"].lengths == (32, 64)


def test_lengths_may_be_left_to_edgebert(tmp_path):
    auto = parsed("export", "--lengths", "auto", "--out", "x")[1]["convert"]
    assert auto == ConvertOptions(lengths=("auto",))
    mine = tmp_path / "mine.toml"
    mine.write_text("[convert]\nlengths = ['auto']")
    assert parsed("export", "--recipe", str(mine))[1]["convert"] == auto
    with pytest.raises(UserError, match="not read yet"):
        _ = auto.max_length


def test_lengths_are_sorted():
    assert ConvertOptions(lengths=(128, 32)).lengths == (32, 128)
    assert ConvertOptions(lengths=(128, 32)).max_length == 128


@pytest.mark.parametrize("lengths", [(), (3,), (16, 16), (16, "auto"), "auto"])
def test_lengths_that_make_no_sense(lengths):
    with pytest.raises(UserError, match="--lengths"):
        ConvertOptions(lengths=lengths)


def test_a_recipe_file_that_is_no_toml(tmp_path):
    (tmp_path / "mine.toml").write_text("student: tinybert-4")
    with pytest.raises(UserError, match="is not a readable TOML file"):
        recipes.load(str(tmp_path / "mine.toml"))
    (tmp_path / "mine.toml").write_text("[distil]\n")
    with pytest.raises(UserError) as error:
        recipes.load(str(tmp_path / "mine.toml"))
    assert "table 'distil' does not exist" in error.value.what
    assert error.value.fix == "Did you mean 'distill'?"
