import tomllib
from pathlib import Path

import pytest
import tiny

import device_profiles
from device_profiles import DeviceProfileError
from device_profiles.host import host

ASKED_FOR = (
    "pixel4", "pixel3", "pixel6", "pixel8", "galaxy-s21", "galaxy-s23", "redmi-note-12r", "raspberry-pi-4",
    "raspberry-pi-5", "laptop", "host",
)  # fmt: skip
FILES = sorted(Path(device_profiles.__file__).parent.glob("*.toml"))
PIXEL4 = Path(device_profiles.__file__).parent / "pixel4.toml"


def numbers(value, where=()):
    """Every number in a TOML document, with the list it stands in."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from numbers(one, (*where, key))
    elif isinstance(value, list) and not any(isinstance(one, int | float) for one in value):
        for one in value:
            yield from numbers(one, where)
    elif isinstance(value, list | int | float):
        yield where, value


def test_the_devices_asked_for_are_there():
    assert set(ASKED_FOR) <= set(device_profiles.names())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_number_is_without_its_source(path):
    tables = tomllib.loads(path.read_text())
    found = list(numbers({key: value for key, value in tables.items() if key not in ("sources", "engines")}))
    assert len(found) >= 8
    for where, pair in found:
        assert isinstance(pair, list) and len(pair) == 2 and pair[1] in tables["sources"], where
    device = device_profiles.load(path.stem)
    for part in (*device.clusters, device.memory):
        assert set(part.sources.values()) <= set(tables["sources"].values())
    assert device.basis == ("published" if device.engines else "spec"), "no phone was at hand"
    for engine in device.engines.values():
        assert engine.fit.on.startswith("rows of published.csv: ")


def test_peaks_are_computed():
    pixel4, pixel3 = device_profiles.load("pixel4"), device_profiles.load("pixel3")
    assert pixel4.peak_gops("fp32", threads=4) == pytest.approx((2.84 + 3 * 2.42) * 8 * 2)
    assert pixel4.peak_gops("fp32", threads=1) == pytest.approx(2.84 * 8 * 2)
    assert pixel4.peak_gops("int8", threads=99) == pytest.approx(2 * (2.84 * 32 + 3 * 2.42 * 32 + 4 * 1.785 * 16))
    assert pixel3.peak_gops("fp32", threads=4) == pytest.approx(80)
    assert device_profiles.load("raspberry-pi-4").peak_gops("fp16", threads=4) is None, "it has no fp16 arithmetic"
    assert pixel4.memory.bandwidth_gbs == pytest.approx(34.1, abs=0.05)
    assert device_profiles.load("pixel8").memory.bandwidth_gbs == pytest.approx(68.3, abs=0.05)


@pytest.mark.parametrize(
    ("name", "mask"),
    [("pixel4", "f0"), ("pixel8", "1f0"), ("galaxy-s23", "f8"), ("redmi-note-12r", "c0"), ("raspberry-pi-5", "f")],
)
def test_big_cores_are_a_mask_for_taskset(name, mask):
    assert device_profiles.load(name).big_mask == mask


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('cores = [3, "wikichip"]', "cores = 3", "clusters[1].cores has no source: write [3,"),
        ('ghz = [2.84, "wikichip"]', 'ghz = [2.84, "wikichp"]', "names the source 'wikichp'"),
        ('ghz = [2.84, "wikichip"]', 'ghz = ["2.84", "wikichip"]', "clusters[2].ghz is '2.84', not a number"),
        ('cores = [3, "wikichip"]', 'cores = [3.5, "wikichip"]', "is 3.5, not a whole number"),
        ('kind = "prime"', 'kind = "prim"', "did you mean 'prime'?"),
        ("l2_kib = [512,", "l2_kb = [512,", "has 'l2_kb', which is not known; did you mean 'l2_kib'?"),
        ('basis = "published"', 'basis = "spec"', 'basis is "spec" where no [engines] table'),
        ('["dotprod", "fp16"]', '["dotprot"]', "did you mean 'dotprod'?"),
        ('kind = "LPDDR4X-4266"', "", "memory.kind is missing"),
        ('hmc = "hmc', 'unused = "x"\nhmc = "hmc', "a source that no number names: unused"),
        ("[memory]", "[memory", "is not a readable TOML file"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(tmp_path, old, new, message):
    text = PIXEL4.read_text()
    assert old in text
    (tmp_path / "mine.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(DeviceProfileError) as refused:
        device_profiles.load(str(tmp_path / "mine.toml"))
    assert message in str(refused.value)
    assert "mine.toml" in str(refused.value)


FITTED = """
[engines.litert]
version = "2.3.0"
coefficients = { op_us = 1.5, fp32_efficiency = 0.5, %s }

[engines.litert.fit]
how = "least squares"
on = "40 micro-models, 1 thread"
when = "2026-11-20"
rows = 40
median_error = 0.04
error_90 = 0.1
"""


def test_a_user_adds_a_device_with_fitted_coefficients(tmp_path):
    text = PIXEL4.read_text().replace('basis = "spec"', 'basis = "measured"')
    (tmp_path / "mine.toml").write_text(text + FITTED % "softmax_ns = 2")
    engine = device_profiles.load(str(tmp_path / "mine.toml")).engines["litert"]
    assert engine.coefficients == {"op_us": 1.5, "fp32_efficiency": 0.5, "softmax_ns": 2}
    assert (engine.fit.rows, engine.fit.median_error) == (40, 0.04)

    (tmp_path / "typo.toml").write_text(text + FITTED % "softmx_ns = 2")
    with pytest.raises(DeviceProfileError, match=r"engines\.litert\.coefficients has 'softmx_ns'.*'softmax_ns'"):
        device_profiles.load(str(tmp_path / "typo.toml"))


def test_the_host_is_read_from_linux(tmp_path):
    (tmp_path / "cpuinfo").write_text(
        "model name\t: Some CPU\ncpu MHz\t\t: 2600.0\nflags\t\t: fpu avx2 avx512f avx_vnni\n"
    )
    cache = tmp_path / "cpu0" / "cache"
    for index, (level, kind, size) in enumerate([(1, "Data", "48K"), (1, "Instruction", "32K"), (2, "Unified", "1M")]):
        folder = cache / f"index{index}"
        folder.mkdir(parents=True)
        for name, value in (("level", level), ("type", kind), ("size", size)):
            (folder / name).write_text(f"{value}\n")
    found = host(tmp_path / "cpuinfo", tmp_path)
    (cluster,) = found.clusters
    assert (found.soc, found.flags) == ("Some CPU", {"avx2", "avx512", "vnni"})
    assert (cluster.ghz, cluster.fp32, cluster.int8, cluster.l1_kib, cluster.l2_kib) == (2.6, 32, 128, 48, 1024)
    assert set(cluster.sources) == {"cores", "ghz", "fp32", "int8", "l1_kib", "l2_kib"}
    assert found.memory is None
    with pytest.raises(DeviceProfileError, match="which this system does not have"):
        host(tmp_path / "nowhere", tmp_path)


def test_devices_are_shown_with_their_sources():
    listed = tiny.edgebert("devices")
    assert listed.returncode == 0
    for name in ASKED_FOR:
        assert f"{name} " in listed.stdout
    one = tiny.edgebert("devices", "pixel4")
    assert "taskset f0" in one.stdout
    assert "wikichip.org" in one.stdout
    assert "to be checked" in one.stdout


def test_a_typo_in_a_name_is_a_message():
    process = tiny.edgebert("devices", "pixel-4")
    assert process.returncode == 2
    assert "There is no device 'pixel-4'. Did you mean 'pixel4'?" in process.stderr
    assert "Traceback" not in process.stderr
