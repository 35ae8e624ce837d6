import pytest

# So that a figure that is wrong is shown beside the one expected.
pytest.register_assert_rewrite("tests.replay.tally")
