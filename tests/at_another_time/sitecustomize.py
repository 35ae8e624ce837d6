"""Python runs this when it starts, in the processes of a run at another time."""

import os

if os.environ.get("PORTAL_TEST_NOW"):
    from tests.another_time import begin

    begin()
