import pytest
from small_files import bert, write


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """Folder of the fp32 files of a small BERT."""
    return write(bert(), tmp_path_factory.mktemp("converted"))
