"""What the tests of targets share."""

import pytest

from edgebert.runtimes.mediapipe import ENVIRONMENT


@pytest.fixture
def with_mediapipe():
    """Skips where MediaPipe is not set up."""
    if not ENVIRONMENT.record:
        pytest.skip("MediaPipe is not set up here; run: edgebert setup-runtime mediapipe")
