"""Two editors at once: what the first changed beside what the second typed, and what the second chose of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from actions.editing.forms import ActionForm
from actions.editing.labels import label_of, words_of
from actions.editing.state import ActionAtStamp, same_lines

NUMBERS = ("_baseline", "_target")


@dataclass(frozen=True)
class Clash:
    """A field that somebody else changed since the form was opened, in words: then, theirs and mine."""

    name: str
    label: str
    then: str
    theirs: str
    mine: str
    is_mine_too: bool  # the second editor changed it as well, to something else
    is_gone: bool  # theirs took it out of the plan: there is nothing left to choose

    @property
    def is_chosen(self) -> bool:
        """Whether the second editor has to choose."""
        return self.is_mine_too and not self.is_gone


def clashes_of(
    then: ActionAtStamp, now: ActionAtStamp, typed: Mapping[str, str], form: ActionForm
) -> list[Clash]:
    """Every field that differs between `then` and `now`. `form` has the fields of `now`."""
    before, theirs = then.texts, now.texts
    found = []
    for name in dict.fromkeys([*before, *theirs]):
        old, new = before.get(name, ""), theirs.get(name, "")
        if old == new and (name in before) == (name in theirs):
            continue
        mine = typed_text(name, typed, old)
        found.append(
            Clash(
                name=name,
                label=label_of(name, form, then),
                then=words_of(name, old, form),
                theirs=words_of(name, new, form),
                mine=words_of(name, mine, form),
                is_mine_too=mine not in (old, new),
                is_gone=name.startswith("measure_") and name not in theirs,
            )
        )
    return found


def merged(
    then: ActionAtStamp, now: ActionAtStamp, typed: Mapping[str, str], picked: Mapping[str, str]
) -> dict[str, str]:
    """What was typed, with theirs wherever only they changed a field, or where theirs was picked."""
    before, theirs = then.texts, now.texts
    data = dict(typed)
    for name in dict.fromkeys([*before, *theirs]):
        old, new = before.get(name, ""), theirs.get(name, "")
        changed_by_me = typed_text(name, typed, old) != old
        if old != new and not (changed_by_me and picked.get(name) == "mine"):
            data[name] = new
    return data


def has_all_of(now: ActionAtStamp, typed: Mapping[str, str]) -> bool:
    """Whether the action already says everything that was typed: a double click, or the page sent again."""
    texts = now.texts
    same = all(typed_text(name, typed, text) == text for name, text in texts.items())
    return same and all(_is_done(name, texts, typed) for name, value in typed.items() if value.strip())


def _is_done(name: str, texts: Mapping[str, str], typed: Mapping[str, str]) -> bool:
    """Whether what `name` asks for is in the action, where that is more than one of its present texts."""
    if name.startswith("mark_"):
        return name in texts
    if name.startswith("new_lead_"):
        return name.endswith("_as") or f"lead_{typed[name]}" in texts
    if name.startswith("new_") and name.endswith("_text"):
        made = {text for key, text in texts.items() if key.endswith("_text") and key not in typed}
        return same_lines(typed[name]) in made
    if name.startswith("measure_") and name.endswith(("_text", "_retire")):
        measure = name.rpartition("_")[0]
        is_gone = f"{measure}_text" not in texts
        return is_gone == (f"{measure}_retire" in typed)
    return True


def typed_text(name: str, typed: Mapping[str, str], default: str) -> str:
    """What was typed into a field, as a state writes it."""
    if name not in typed:
        return default
    text = same_lines(typed[name])
    return text.replace(",", "") if name.endswith(NUMBERS) else text
