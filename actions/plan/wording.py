"""What a row takes from rows with versions and from the last meeting: no update changes it."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from sys import intern

from actions.models import ActionVersion, KnownAction, KnownMeasure, OutcomeMeasureVersion
from actions.models.known import folded, lead_marks
from actions.plan.base import PlanBase
from history import memo
from history.clock import is_settled


@dataclass(frozen=True)
class Texts:
    """The wording and leads of all actions, in the order of their numbers.

    The wording is one text, in which each action's ends with a newline: one search through it is several times as fast
    as one for each action.
    """

    actions: list[int]
    text: str
    ends: list[int]
    leads: list[str]

    @classmethod
    def of(cls, actions: Iterable[tuple[int, str]], wording: Mapping[int, str]) -> "Texts":
        """Of `actions`, key and `KnownAction.leads` of each, with `wording` by these keys."""
        keys: list[int] = []
        texts, leads = [], []
        for key, led in actions:
            keys.append(key)
            texts.append(f"{wording[key]}\n")
            leads.append(intern(led))
        return cls(keys, "".join(texts), list(accumulate(map(len, texts))), leads)

    def having(self, words: Mapping[str, list[str]]) -> list[int]:
        """The keys of the actions that have every word in their wording or among their leads, by number.

        `words`: without white space, each with what to look for in the leads (`lead_marks`).
        """
        # The longest word that names no lead is in the fewest actions.
        first, *others = sorted(words, key=lambda word: (bool(words[word]), -len(word)))
        places = sorted({*self._with(first), *self._led(self._leads_with(words[first]))})
        for word in others:
            led = self._leads_with(words[word])
            places = [place for place in places if self._has(place, word) or self.leads[place] in led]
        return [self.actions[place] for place in places]

    def _with(self, word: str) -> Iterator[int]:
        at = self.text.find(word)
        while at >= 0:
            place = bisect_right(self.ends, at)
            yield place
            at = self.text.find(word, self.ends[place])

    def _has(self, place: int, word: str) -> bool:
        return self.text.find(word, self.ends[place - 1] if place else 0, self.ends[place]) >= 0

    def _led(self, led: set[str]) -> list[int]:
        return [place for place, leads in enumerate(self.leads) if leads in led] if led else []

    def _leads_with(self, marks: list[str]) -> set[str]:
        return {leads for leads in self._different_leads if any(mark in leads for mark in marks)}

    @cached_property
    def _different_leads(self) -> set[str]:
        return set(self.leads)


class WordedPlan(PlanBase):
    """Wording and the ranks at the last meeting, read once for the rows of a page."""

    def keys_found(self, words: Mapping[str, list[int]]) -> list[int] | None:
        """The keys of the present actions that a search finds, by number; None for a past moment.

        `words`: each with the partners that it names. Each must be in an action's wording or name one of its leads.

        The present plan's texts stay in memory, so that a search takes a small part of a pass over the table. Texts of
        the past, which are many and rarely searched, do not.
        """
        if self.present is None:
            return None
        texts = self._texts(self.present.plan_stamp)
        if (asked := tuple(words)) not in self._found:
            marks = map(lead_marks, words.values())
            self._found[asked] = texts.having(dict(zip(folded([*words]), marks, strict=True)))
        return self._found[asked]

    @cached_property
    def _found(self) -> dict[tuple[str, ...], list[int]]:
        """What this page has searched for: each choice beside the list counts with it."""
        return {}

    def _texts(self, plan_stamp: int) -> Texts:
        def read() -> Texts:
            wording = dict(self.versions().order_by().values_list("row_id", "folded").iterator())
            return Texts.of(self.actions().values_list("action", "leads").iterator(), wording)

        return memo.remember_latest("texts", self._key(plan_stamp), read)

    def _wording(self, ids: Iterable[int]) -> dict[int, ActionVersion]:
        """The versions of these actions by the keys of their live rows."""
        return self.remember_few(
            "wording", ids, lambda some: {one.row_id: one for one in self.versions().filter(row_id__in=some)}
        )

    def _measure_wording(self, ids: Iterable[int]) -> dict[int, OutcomeMeasureVersion]:
        """The versions of these measures by the keys of their live rows."""

        def read(some: list[int]) -> dict[int, OutcomeMeasureVersion]:
            found = self._at(OutcomeMeasureVersion.objects.filter(row_id__in=some))
            return {one.row_id: one for one in found}

        return self.remember_few("measure's wording", ids, read)

    def _meeting_ranks(self, ids: list[int]) -> dict[int, int]:
        meeting = self.calendar.last_meeting
        if not meeting or not ids:
            return {}

        def read(some: list[int]) -> dict[int, int]:
            then = KnownAction.objects.at(meeting.known_at).filter(action__in=some)
            return dict(then.order_by().values_list("action", "rank"))

        if not is_settled(meeting.known_at, self.stamp):
            return read(ids)
        return self.remember_few(("ranks at", meeting.known_at), ids, read)

    def _measures_at_meeting(self, ids: list[int]) -> dict[int, int]:
        meeting = self.calendar.last_meeting
        if not meeting:
            return {}
        then = KnownMeasure.objects.at(meeting.known_at).filter(measure__in=ids)
        return dict(then.order_by().values_list("measure", "rank"))
