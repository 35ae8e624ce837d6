"""What is remembered: once for each key, and never more than fits."""

import pytest

from history import memo

pytestmark = pytest.mark.once


def test_pieces_are_made_once_and_only_those_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    memo.forget()
    monkeypatch.setattr(memo, "PIECES_AT_MOST", 3)
    asked: list[list[int]] = []

    def made(missing: list[int]) -> dict[int, str]:
        asked.append(missing)
        return {one: f"piece {one}" for one in missing}

    def pieces(*names: int) -> dict[int, str]:
        return memo.remember_pieces({one: ("key", one) for one in names}, made)

    assert pieces(1, 2) == {1: "piece 1", 2: "piece 2"}
    assert pieces(2, 3) == {2: "piece 2", 3: "piece 3"}
    assert pieces(4, 2) == {4: "piece 4", 2: "piece 2"}  # 1, not used for longest, makes room
    assert pieces(1) == {1: "piece 1"}
    assert asked == [[1, 2], [3], [4], [1]]
    memo.forget()


def test_of_something_large_only_the_last_is_kept() -> None:
    memo.forget()
    made: list[int] = []

    def texts(stamp: int) -> str:
        return memo.remember_latest("texts", stamp, lambda: made.append(stamp) or f"texts at {stamp}")

    assert [texts(1), texts(1), texts(2), texts(1)] == [f"texts at {stamp}" for stamp in (1, 1, 2, 1)]
    assert made == [1, 2, 1]
    memo.forget()
