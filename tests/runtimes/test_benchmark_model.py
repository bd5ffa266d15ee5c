import numpy as np

from edgebert.runtimes.benchmark_model import PhoneJob, arguments


def test_a_file_with_several_functions_and_a_delegate():
    inputs = {"input_ids": np.zeros((1, 16), np.int32), "attention_mask": np.ones((1, 16), np.int32)}
    job = PhoneJob("m.tflite", "classify_16", inputs, threads=2, delegate="gpu", calls=60, warmup=5, is_traced=True)
    flags = dict(one.removeprefix("--").split("=", 1) for one in arguments(job))
    assert flags == {
        "graph": "m.tflite", "num_threads": "2", "num_runs": "60", "warmup_runs": "5", "max_secs": "60",
        "input_layer": "input_ids,attention_mask", "input_layer_shape": "1,16:1,16",
        "input_layer_value_files": "input_ids:input_ids-16.bin,attention_mask:attention_mask-16.bin",
        "signature_to_run_for": "classify_16", "use_gpu": "true", "enable_op_profiling": "true",
    }  # fmt: skip
