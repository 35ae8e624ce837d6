"""An upgrade from the release before, with its data, on either database."""

import os
from pathlib import Path

import pytest

from tests import stored
from tests.actors import Actor
from tests.serving import Portal

pytestmark = pytest.mark.untraced


def test_the_database_of_the_release_before_is_upgraded_with_its_data(tmp_path: Path) -> None:
    """There is none before 1.0.0: until 1.0.1, this is the release itself."""
    with stored.loaded(os.environ["DATABASE_URL"], tmp_path) as url:
        portal = Portal(tmp_path, url)
        portal.manage("prepare")
        portal.manage("migrate", "--check")
        assert "no differences" in portal.manage("check_figures")
        actor = Actor(url)
        try:
            actor.run("submit(7, 'on-track', comment='After the upgrade')")
            found = actor.run(
                "from actions.models import ProgressUpdate\n"
                "answer = list(ProgressUpdate.objects.order_by('pk').values_list('status', 'comment'))"
            )
        finally:
            actor.stop()
        before = [[status, stored.COMMENT] for _, status in stored.UPDATES]
        assert found == [*before, ["on-track", "After the upgrade"]]
        assert "no differences" in portal.manage("check_figures")
