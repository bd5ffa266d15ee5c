"""The whole app, built without Gradle: it verifies, and holds a bundle's files and no others."""

import zipfile
from pathlib import Path

import pytest
from toy_bundle import Bundle

from android_demo.check import apk
from edgebert.bundle.manifest import Manifest
from edgebert.errors import GateError

STAND_INS = Path(__file__).parent / "stand_ins"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return Bundle(tmp_path_factory.mktemp("project") / "assets" / "edgebert").folder


@pytest.fixture(scope="module")
def made(android_tools, folder, tmp_path_factory):
    return apk.build(tmp_path_factory.mktemp("apk"), STAND_INS, folder.parent)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_it_is_signed_and_starts_with_its_activity(made):
    assert "Verified using v2 scheme (APK Signature Scheme v2): true" in made.signatures
    assert "package: name='org.edgebert.demo'" in made.badging and "sdkVersion:'26'" in made.badging
    assert "launchable-activity: name='org.edgebert.demo.MainActivity'" in made.badging


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_it_holds_the_bundle_and_what_the_core_needs(made, folder, tmp_path):
    apk.check_assets(made.path, Manifest.load(folder).digests)
    with zipfile.ZipFile(made.path) as archive:
        assert "org/edgebert/text/unicode.txt" in archive.namelist()
        model = archive.getinfo("assets/edgebert/toy-fp32.onnx")
    assert model.compress_type == zipfile.ZIP_STORED
    assert made.sizes["models"] == sum(path.stat().st_size for path in folder.glob("*.onnx"))
    with pytest.raises(GateError) as wrong:
        apk.check_assets(made.path, Manifest.load(folder).digests | {"labels.txt": "0", "more.onnx": "1"})
    assert "labels.txt, more.onnx" in str(wrong.value)
