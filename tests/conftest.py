"""Puts this folder on the path, so that tests share `finished_run`, `tiny` and `toy_files`."""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # tiny models gain nothing by threads, and the same numbers come out everywhere
os.environ["HF_HUB_OFFLINE"] = "1"

import pytest
import tiny


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory):
    """A bare BERT encoder of random weights."""
    return tiny.save_checkpoint(tmp_path_factory.mktemp("checkpoints") / "encoder")


@pytest.fixture(scope="session")
def teacher_folder(tmp_path_factory):
    """A BERT classifier that knows good reviews from bad ones."""
    folder = tmp_path_factory.mktemp("checkpoints") / "teacher"
    return tiny.train(tiny.save_checkpoint(folder, labels=("negative", "positive")), tiny.reviews())


@pytest.fixture(scope="session")
def reviews_csv(tmp_path_factory):
    """240 reviews of two classes."""
    return tiny.write_table(tmp_path_factory.mktemp("tables") / "reviews.csv", tiny.reviews())
