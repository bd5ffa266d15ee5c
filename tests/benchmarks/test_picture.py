import subprocess

import pytest

from benchmarks import picture
from edgebert.errors import EdgebertError, UserError


def test_picture_is_what_the_browser_took(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "report.html").write_text("<p>hello")
    browser = tmp_path / "browser"
    browser.write_text(
        '#!/bin/sh\nfor word; do case $word in --screenshot=*) echo "$@" > "${word#--screenshot=}";; esac; done\n'
    )
    browser.chmod(0o755)
    picture.main(run=tmp_path / "run", browser=str(browser), width=321, results_in=tmp_path)
    taken = (tmp_path / "report.png").read_text()
    assert "--window-size=321," in taken and (tmp_path / "run" / "report.html").as_uri() in taken


def test_what_is_missing_is_named(tmp_path, monkeypatch):
    with pytest.raises(UserError, match=r"report\.html is not there"):
        picture.main(run=tmp_path)
    (tmp_path / "report.html").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="no browser"):
        picture.main(run=tmp_path)
    with pytest.raises(EdgebertError, match="took no picture"):
        picture.main(run=tmp_path, browser=subprocess.sys.executable, results_in=tmp_path)
    assert not (tmp_path / "report.png").exists()
