"""Puts this folder on the path, so that tests share `finished_run`, `tiny` and `toy_files`."""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # tiny models gain nothing by threads, and the same numbers come out everywhere
os.environ["HF_HUB_OFFLINE"] = "1"
