"""A generated plan as plain rows: the same seed gives the same rows. No models and no clock."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

THEMES, CLUSTERS, VITAL_FEWS = 4, 6, 5  # how many the real framework has; rows refer to them by place, from 0
PER_PAGE = 25  # rows on a page, of the portal and of every peer
DAYS = 365 * 2  # updates go back two years
VERBS = "Create Expand Establish Deliver Support Review Promote Fund Pilot Coordinate".split()
NOUNS = (
    "a skills network for local employers;an apprenticeship scheme in the city centre;a joint marketing campaign;"
    "a graduate retention programme;workspace for small food producers;a business mentoring service;"
    "a research partnership with the universities;an annual construction careers fair;a shared retail training academy;"
    "a fund for creative enterprises"
).split(";")
ENDS = (
    "across Leicester;linking schools, colleges and business;with the regional partners;for growing sectors;"
    "in each neighbourhood;open to every employer;by the end of the programme;that lasts"
).split(";")
OUTCOMES = (
    "An increased number of school leavers employed by local companies;New jobs created and safeguarded in the sector;"
    "More companies exporting to new markets;A higher share of residents with a level 3 qualification;"
    "Hectares of employment land brought into use;More visitors who stay overnight"
).split(";")
COMMENTS = (
    "The working group met and agreed the next steps.;Work goes on as planned. More partners have joined.;"
    "The pilot is running and the first results look good.;Two key people have left. Work slips by about a month.;"
    "The contract was signed late, so the first phase starts a month after it was due.;"
    "We reviewed the figures with the partners and they hold."
).split(";")
# status and weight; Closed is for staff alone and ends a measure, so only a last update has it
STATUSES = (("on-track", 50), ("at-risk", 16), ("not-started", 14), ("off-track", 8), ("complete", 8))


@dataclass(frozen=True)
class Measure:
    text: str
    target: int | None
    target_day: int | None  # days from today; below 0 is past


@dataclass(frozen=True)
class Update:
    days_ago: int
    minute: int
    status: str
    comment: str
    next_step: str
    value: int | None


@dataclass(frozen=True)
class ActionRow:
    """One action with everything below it. Themes, clusters, vital fews and leads are places in a list."""

    number: int
    title: str
    theme: int
    cluster: int
    leads: tuple[int, ...]
    relationships: tuple[str, ...]  # "X", "O" or "" for each vital few
    measures: tuple[tuple[Measure, tuple[Update, ...]], ...]

    @property
    def outcome_text(self) -> str:
        return "; ".join(measure.text for measure, _ in self.measures)


def generated(actions: int, updates_each: int, seed: int, partners: int) -> Iterator[ActionRow]:
    """`actions` rows, numbered from 1, with `updates_each` updates for each measure, oldest first.

    Action n is the same whatever the number of actions. `partners` is how many there are to lead.
    """
    for number in range(1, actions + 1):
        chance = random.Random(f"{seed} {number}")
        leads = chance.sample(range(partners), 2 if chance.random() < 0.06 else 1)
        yield ActionRow(
            number=number,
            title=f"{chance.choice(VERBS)} {chance.choice(NOUNS)} {chance.choice(ENDS)} ({number})",
            theme=chance.choices(range(THEMES), weights=(5, 3, 3, 2))[0],
            cluster=chance.choices(range(CLUSTERS), weights=(6, 2, 2, 2, 2, 1))[0],
            leads=tuple(leads),
            relationships=tuple(chance.choices(("X", "O", ""), weights=(29, 34, 37), k=VITAL_FEWS)),
            measures=tuple(_measure(chance, updates_each) for _ in range(2 if chance.random() < 0.04 else 1)),
        )


def _measure(chance: random.Random, updates_each: int) -> tuple[Measure, tuple[Update, ...]]:
    target = chance.choice((None, None, None, 50, 400, 5000))
    measure = Measure(
        text=f"{chance.choice(OUTCOMES)}, {chance.choice(ENDS)}",
        target=target,
        target_day=chance.choice((None, chance.randrange(-200, 700))),
    )
    return measure, tuple(_updates(chance, updates_each, target))


def _updates(chance: random.Random, updates_each: int, target: int | None) -> Iterator[Update]:
    value = 0
    for days_ago in sorted((chance.randrange(1, DAYS) for _ in range(updates_each)), reverse=True):
        names, weights = zip(*STATUSES, strict=True)
        status = chance.choices(names, weights=weights)[0]
        value += (target or 0) * chance.randrange(0, 15) // 100
        yield Update(
            days_ago=days_ago,
            minute=chance.randrange(8 * 60, 18 * 60),
            status=status,
            comment=chance.choice(COMMENTS),
            next_step=chance.choice(COMMENTS) if status in ("at-risk", "off-track") else "",
            value=value if target else None,
        )
