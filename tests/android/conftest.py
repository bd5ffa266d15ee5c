"""Everything here that runs the app's Kotlin needs Java, npm's Kotlin compiler and Debian's Android tools."""

import pytest

from android_demo.check import tools


@pytest.fixture(scope="session")
def android_tools():
    """Skips, with the reason, where the tools are not at hand."""
    if why := tools.missing():
        pytest.skip(why)
