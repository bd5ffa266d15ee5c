import phone_outputs as outputs
import pytest

from edgebert.runtimes.benchmark_output import Incomplete, Placement, parse, parse_operators
from edgebert.runtimes.jobs import OperatorTime


def test_a_nightly_build_tells_percentiles_memory_and_placement():
    found = parse(outputs.CPU)
    assert (found.calls, found.warmup) == (50, 1)
    assert (found.mean_ms, found.std_ms, found.min_ms, found.max_ms) == (699.438, 325.425, 502.355, 2270.688)
    assert (found.p50_ms, found.p95_ms) == (576.856, 1373.207)
    assert (found.open_ms, found.first_call_ms, found.peak_memory_mb) == (102.32, 670.083, 99.2031)
    assert found.placements == (Placement(delegate="TfLiteXNNPackDelegate", nodes=49, of=49, partitions=1, subgraph=0),)
    assert not found.declined and not found.refused


def test_an_old_build_tells_no_percentiles_and_none_are_made_up():
    found = parse(outputs.OLD)
    assert (found.p50_ms, found.p95_ms) == (None, None)
    assert (found.mean_ms, found.peak_memory_mb, found.calls, found.warmup) == (33.2094, 12.8672, 50, 15)
    assert found.placements == ()


def test_carriage_returns_and_large_numbers_are_read():
    assert parse(outputs.OPERATORS).mean_ms == 2950.34


def test_equal_calls_print_one_number():
    """StatsCalculator's OutputToStream: only `curr` where all values are the same."""
    text = outputs.OLD.replace(
        "count=50 first=32891 curr=33978 min=32641 max=34005 avg=33209.4 std=450", "count=50 curr=33000(all same)"
    )
    found = parse(text)
    assert (found.mean_ms, found.min_ms, found.max_ms, found.std_ms) == (33, 33, 33, 0)


def test_what_a_delegate_leaves_or_declines_is_told():
    whole, partly, declined = parse(outputs.GPU), parse(outputs.PARTLY), parse(outputs.NNAPI)
    assert (whole.placements[0].nodes, whole.refused, whole.declined) == (49, (), False)
    assert (partly.placements[0].nodes, partly.placements[0].of) == (37, 49)
    assert [line.partition(":")[0] for line in partly.refused] == ["DEQUANTIZE", "TRANSPOSE_CONV"]
    assert declined.declined


@pytest.mark.parametrize(
    "line", ["Replacing 4 node(s) with delegate (TfLiteNnapiDelegate) node, yielding 2 partitions."]
)
def test_placement_in_the_words_of_2020(line):
    (found,) = parse(outputs.OLD.replace("Initialized session", f"{line}\nInitialized session")).placements
    assert (found.nodes, found.of, found.partitions, found.delegate) == (4, None, 2, "TfLiteNnapiDelegate")


def test_operators_are_those_of_the_calls_not_of_the_start():
    found = parse_operators(outputs.OPERATORS)
    assert found[0] == OperatorTime("CONV_2D", 15, 2651.853)
    assert [one.name for one in found] == ["CONV_2D", "DEPTHWISE_CONV_2D", "AVERAGE_POOL_2D", "SOFTMAX", "SQUEEZE"]


def test_what_is_inside_xnnpack_stands_in_its_place():
    found = {one.name: one for one in parse_operators(outputs.INTERNAL)}
    assert "TfLiteXNNPackDelegate" not in found
    assert found["Fully Connected (NC, F32) GEMM"].count == 13
    assert found["DEPTHWISE_CONV_2D"].ms == 296.919


@pytest.mark.parametrize("end", ["count=50", "Inference timings", "Running benchmark for at least 50", "avg=699438"])
def test_a_truncated_output_is_no_result(end):
    with pytest.raises(Incomplete):
        parse(outputs.CPU[: outputs.CPU.index(end)])


@pytest.mark.parametrize("text", [outputs.CRASHED, ""])
def test_a_crash_is_no_result(text):
    with pytest.raises(Incomplete):
        parse(text)


def test_a_truncated_profile_is_no_result():
    cut = outputs.OPERATORS[: outputs.OPERATORS.index("Number of nodes executed: 31")]
    with pytest.raises(Incomplete, match="table of operators"):
        parse_operators(cut)
