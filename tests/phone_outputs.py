"""What benchmark_model was seen to print, shortened; each from a published log."""

# An Android phone, 2025 (mask_estimator_phy.tflite): the nightly build, with percentiles.
CPU = """\
INFO: Log parameter values verbosely: [0]
INFO: Num threads: [4]
INFO: Graph: [/data/local/tmp/mask_estimator_phy.tflite]
INFO: Signature to run: []
INFO: #threads used for CPU inference: [4]
INFO: Loaded model /data/local/tmp/mask_estimator_phy.tflite
INFO: Initialized TensorFlow Lite runtime.
INFO: Created TensorFlow Lite XNNPACK delegate for CPU.
VERBOSE: Replacing 49 out of 49 node(s) with delegate (TfLiteXNNPackDelegate) node, yielding 1 \
partitions for subgraph 0.
INFO: The input model file size (MB): 16.1527
INFO: Initialized session in 102.32ms.
INFO: Running benchmark for at least 1 iterations and at least 0.5 seconds but terminate if exceeding 150 seconds.
INFO: count=1 curr=670083 p5=670083 median=670083 p95=670083

INFO: Running benchmark for at least 50 iterations and at least 1 seconds but terminate if exceeding 150 seconds.
INFO: count=50 first=591245 curr=917186 min=502355 max=2270688 avg=699438 std=325425 p5=502674 median=576856 p95=1373207

INFO: Inference timings in us: Init: 102320, First inference: 670083, Warmup (avg): 670083, Inference (avg): 699438
INFO: Note: as the benchmark tool itself affects memory footprint, the following is only APPROXIMATE to the actual \
memory footprint of the model at runtime. Take the information at your discretion.
INFO: Memory footprint delta from the start of the tool (MB): init=98.0977 overall=99.2031
"""

# The same phone and file with --use_gpu=true --use_nnapi=true: the GPU takes everything, NNAPI nothing.
GPU = """\
INFO: Use gpu: [1]
INFO: Use NNAPI: [1]
INFO: NNAPI accelerators available: [nnapi-reference]
INFO: Created TensorFlow Lite delegate for GPU.
INFO: GPU delegate created.
INFO: Loaded OpenCL library with dlopen.
VERBOSE: Replacing 49 out of 49 node(s) with delegate (TfLiteGpuDelegateV2) node, yielding 1 partitions for subgraph 0.
INFO: Initialized OpenCL-based API.
INFO: Created 1 GPU delegate kernels.
INFO: Explicitly applied GPU delegate, and the model graph will be completely executed by the delegate.
INFO: Initialized session in 5664.36ms.
INFO: Running benchmark for at least 1 iterations and at least 0.5 seconds but terminate if exceeding 150 seconds.
INFO: count=2 first=328140 curr=309932 min=309932 max=328140 avg=319036 std=9104 p5=309932 median=328140 p95=328140

INFO: Running benchmark for at least 50 iterations and at least 1 seconds but terminate if exceeding 150 seconds.
INFO: count=50 first=307215 curr=309783 min=305938 max=333030 avg=309350 std=4411 p5=306372 median=307968 p95=315711

INFO: Inference timings in us: Init: 5664363, First inference: 328140, Warmup (avg): 319036, Inference (avg): 309350
INFO: Memory footprint delta from the start of the tool (MB): init=375.48 overall=375.48
"""
NNAPI = CPU.replace(
    "VERBOSE: Replacing 49",
    "INFO: Though NNAPI delegate is explicitly applied, the model graph will not be executed by the delegate.\n"
    "VERBOSE: Replacing 49",
)

# The words of the GPU delegate about operators that it does not take, as in published LiteRT logs of 2025.
PARTLY = GPU.replace(
    "VERBOSE: Replacing 49 out of 49",
    "ERROR: Following operations are not supported by GPU delegate:\n"
    "DEQUANTIZE: \n"
    "TRANSPOSE_CONV: Max version supported: 3. Requested version 4.\n"
    "37 operations will run on the GPU, and the remaining 12 operations will run on the CPU.\n"
    "VERBOSE: Replacing 37 out of 49",
)

# tensorflow/tensorflow#42507, 2020: no percentiles, no placement, another word for memory.
OLD = """\
STARTING!
Duplicate flags: num_threads
Log parameter values verbosely: [0]
Num threads: [4]
Graph: [/data/local/tmp/espcn_harmonic_2x_slim_w_cl.tflite]
Enable op profiling: [1]
#threads used for CPU inference: [4]
Loaded model /data/local/tmp/espcn_harmonic_2x_slim_w_cl.tflite
The input model file size (MB): 0.004448
Initialized session in 0.855ms.
Running benchmark for at least 1 iterations and at least 0.5 seconds but terminate if exceeding 150 seconds.
count=15 first=49060 curr=33682 min=32825 max=49060 avg=34825.1 std=3930

Running benchmark for at least 50 iterations and at least 1 seconds but terminate if exceeding 150 seconds.
count=50 first=32891 curr=33978 min=32641 max=34005 avg=33209.4 std=450

Inference timings in us: Init: 855, First inference: 49060, Warmup (avg): 34825.1, Inference (avg): 33209.4
Peak memory footprint (MB): init=0 overall=12.8672
"""

# NobuoTsukamoto's benchmark of mobilenet_v1_1.0_224 (TF 2.8): --enable_op_profiling, tables of single nodes cut short.
OPERATORS = """\
INFO: Running benchmark for at least 1 iterations and at least 0.5 seconds but terminate if exceeding 150 seconds.
count=1 curr=3512391

Running benchmark for at least 50 iterations and at least 1 seconds but terminate if exceeding 150 seconds.
count=50 first=2990275 curr=2913402 min=2727568 max=3189954 avg=2.95034e+06 std=109798

Inference timings in us: Init: 17187, First inference: 3512391, Warmup (avg): 3.51239e+06, Inference (avg): 2.95034e+06
Memory footprint delta from the start of the tool (MB): init=4.21094 overall=46.0859
Profiling Info for Benchmark Initialization:
============================== Summary by node type ==============================
\t             [Node type]\t  [count]\t  [avg ms]\t    [avg %]\t    [cdf %]\t  [mem KB]\t[times called]
\t         AllocateTensors\t        1\t     1.356\t   100.000%\t   100.000%\t     0.000\t        1

Timings (microseconds): count=1 curr=1356
Memory (bytes): count=0
1 nodes observed



Operator-wise Profiling Info for Regular Benchmark Runs:
============================== Run Order ==============================
\t             [node type]\t          [start]\t  [first]\t [avg ms]\t     [%]\t  [cdf%]\t  [mem KB]\t\
[times called]\t[Name]
\t                 CONV_2D\t            0.066\t   87.754\t   60.957\t  2.066%\t  2.066%\t     0.000\t\
        1\t[Relu6]:0

Number of nodes executed: 31
============================== Summary by node type ==============================
\t             [Node type]\t  [count]\t  [avg ms]\t    [avg %]\t    [cdf %]\t  [mem KB]\t[times called]
\t                 CONV_2D\t       15\t  2651.853\t    89.897%\t    89.897%\t     0.000\t       15
\t       DEPTHWISE_CONV_2D\t       13\t   296.919\t    10.065%\t    99.962%\t     0.000\t       13
\t         AVERAGE_POOL_2D\t        1\t     0.869\t     0.029%\t    99.992%\t     0.000\t        1
\t                 SOFTMAX\t        1\t     0.232\t     0.008%\t    99.999%\t     0.000\t        1
\t                 SQUEEZE\t        1\t     0.016\t     0.001%\t   100.000%\t     0.000\t        1

Timings (microseconds): count=50 first=2989660 curr=2912978 min=2727203 max=3189476 avg=2.9499e+06 std=109770
Memory (bytes): count=0
31 nodes observed
"""

# The same format where XNNPACK tells what is inside its nodes (profile_summary_formatter.cc): a second set of tables.
INTERNAL = OPERATORS.replace("\t                 CONV_2D\t       15", "\t   TfLiteXNNPackDelegate\t        2").replace(
    "31 nodes observed\n",
    """31 nodes observed

Delegate internal:
Number of nodes executed: 15
============================== Summary by node type ==============================
\t             [Node type]\t  [count]\t  [avg ms]\t    [avg %]\t    [cdf %]\t  [mem KB]\t[times called]
\tFully Connected (NC, F32) GEMM\t       13\t  2600.000\t    99.000%\t    99.000%\t     0.000\t       13
\t       Softmax (NC, F32)\t        2\t    50.000\t     1.000%\t   100.000%\t     0.000\t        2

Timings (microseconds): count=50 first=2650000 curr=2650000 min=2650000 max=2650000 avg=2.65e+06 std=0
Memory (bytes): count=0
15 nodes observed
""",
)

# iree-org/iree#3472: MobileBERT on a phone, ended by a signal in the first call.
CRASHED = """\
STARTING!
Log parameter values verbosely: [0]
Min num runs: [10]
Loaded model serving_default.tflite
INFO: Initialized TensorFlow Lite runtime.
The input model file size (MB): 98.5917
Initialized session in 16.374ms.
Running benchmark for at least 1 iterations and at least 0.5 seconds but terminate if exceeding 150 seconds.
"""
