"""The generator of framework documents that other tests and the benchmarks use."""

from collections import Counter

import pytest

from strategy.framework_table import parse
from tests.strategy.generated import framework_document

pytestmark = pytest.mark.once


@pytest.mark.parametrize("actions", [1, 32, 1000])
def test_it_parses_without_a_fault_to_so_many_actions(actions: int) -> None:
    table = parse(framework_document(actions))
    assert [action.number for action in table.actions] == list(range(1, actions + 1))
    assert [row.code for row in table.vital_fews] == ["VF1", "VF2", "VF3", "VF4", "VF5"]
    expected = ("was read as the one above", "was read as a joint lead of 2", "2 sentences were read as 2")
    assert [mend for mend in table.mends if not any(text in mend.message for text in expected)] == []


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert framework_document(50) == framework_document(50, seed=2008)
    assert framework_document(50) != framework_document(50, seed=2009)


def test_a_thousand_actions_have_the_proportions_of_the_real_table() -> None:
    actions = parse(framework_document(1000)).actions
    marks = Counter(mark for action in actions for mark in action.marks.values())
    measures = [measure for action in actions for measure in action.measures]
    assert len({action.theme for action in actions}) == 4
    assert len({action.cluster for action in actions}) == 6
    assert len({lead for action in actions for lead in action.leads}) == 19
    assert 0.25 < marks["X"] / 5000 < 0.34
    assert 0.29 < marks["O"] / 5000 < 0.38
    assert all(action.marks for action in actions)
    assert 20 < sum(len(action.leads) == 2 for action in actions) < 100
    assert 1010 < len(measures) < 1070
    assert 40 < sum(measure.target is not None for measure in measures) < 150
