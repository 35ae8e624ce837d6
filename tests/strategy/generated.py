"""Framework documents of any size, from a seed, for tests and benchmarks.

The layout and the vital fews are those of fixtures/framework.txt. The proportions (actions of each theme and cluster,
X and O of each vital few, joint leads, numeric measures, texts of two sentences) are roughly those of its 32 actions.
"""

import random
from collections.abc import Iterator
from itertools import product

HEAD = """

Strategy Action Framework



REAL ACTION FOR YOUR BUSINESS

Vital Few\t\t\t\t
VF1\tVF2\tVF3\tVF4\tVF5
Vision & Leadership\tDemand-led Workforce Development\tInnovation for Success\tMaking Connections\t\
Capitalise on £2 billion public/private investment

\t\tAction\tAction No\tSuggested Lead\tRelationship to VF (X=Strong, O=Supporting)\t\t\t\t\tOutcome Measure 2008
"""
# Weights are the numbers of actions in the real table, of 32.
THEMES = {"Leicester Connections": 9, "Spatial Issues": 7, "Access to Labour": 10, "Image & Identity": 6}
CLUSTERS = {
    "Cross-cluster": 18,
    "Construction": 3,
    "Creative": 3,
    "Retail": 2,
    "Food & Drink": 4,
    "Technology": 2,
}
MARKS = ((12, 7), (10, 10), (7, 16), (13, 10), (5, 11))  # X and O of each vital few
LEADS = {
    "Leicester City Growth": 11,
    "Leicester City Council": 5,
    "Leicestershire Promotions": 3,
    "Learning & Skills Council": 2,
    "Universities": 2,
    "All": 1,
    "Leicester Regeneration Company": 1,
    "Food & Drink Forum": 1,
    "Leicestershire Intelligence": 1,
    "LEGI": 1,
    "Leicestershire Chamber of Commerce": 1,
    "Construction cluster": 1,
    "Retail cluster": 1,
    "Food & Drink cluster": 1,
    "Creative Leicestershire": 1,
    "Ethnic Food & Drink Forum": 1,
    "Technology cluster": 1,
}
ACTIONS_FOR_ANOTHER_LEAD = 500
JOINT = 2 / 32
NUMERIC = 3 / 33
TWO_SENTENCES = 1 / 32

AREAS = """Leicester;Leicestershire;City Centre;Belgrave;Highfields;Evington;Braunstone;Beaumont Leys;Abbey Meadows;
Aylestone;Clarendon Park;Stoneygate;Hamilton;Humberstone;Knighton;St Matthews;Waterside;Frog Island""".replace(
    "\n", ""
)
BODIES = """Enterprise Agency;Business Forum;Skills Partnership;Retail Association;Design Network;Development Trust;
Food Guild;Innovation Centre;Training Group;Careers Service;Traders' Association;Arts Council;Housing Partnership;
Science Partnership;Business Improvement District;Community College""".replace("\n", "")
VERBS = """Create;Develop;Promote;Provide;Research;Establish;Map and understand;Negotiate;Support;Broker;Implement;
Leverage;Improve;Raise;Promote and expand;Run;Adopt;Showcase""".replace("\n", "")
KINDS = """a business focused;a demand-led;an affordable;a cluster-based;a Leicester-wide;a collaborative;
an evidence-led;a multi-ethnic;a tailored;a world-class;a flexible;an annual;a single;a local""".replace(
    "\n", ""
)
THINGS = """skills and careers network;forecast for land usage;directory of suppliers;apprenticeship scheme;
innovation competition;map of food grade premises;programme of lectures;mentoring service for micro-retailers;
real estate support service;timeline of construction projects;set of creative workspaces;access point for training;
technology network;ethnic food brand;approach to knowledge transfer;plan for graduate retention""".replace(
    "\n", ""
)
PURPOSES = """linking business, FE, HE & schools;for cluster companies;with links to existing initiatives;
to attract and retain young adults;to strengthen the retail cluster;for investors and local businesses;
linked to cluster market opportunities;including local work packages;across the East Midlands;
with business support and mentoring;to exploit links to Derby and Nottingham;
for people with the potential to start businesses""".replace("\n", "")
OPENINGS = """An increase in the number of;An increased number of;A greater awareness of;An improved perception of;
Improved performance of;A national awareness of;A greater appreciation of;Better use of;Evidence to support;
A greater confidence in""".replace("\n", "")
SUBJECTS = """local companies winning supply contracts;businesses starting-up and surviving beyond three years;
the creative industries in Leicester;food-grade premises;careers in retail;local training;
employees from Black and Asian communities;opportunities for careers in construction;planning policy and process;
the City Growth clusters;companies using ICT to improve productivity;international links""".replace("\n", "")
RESULTS = """on large capital projects in Leicester;in the five City Growth clusters;as a retail destination;
among employers and schools;through networking with the other clusters;in support of the growth of individual companies;
for business visitors;in ethnic and speciality food production;across the city""".replace("\n", "")
AMOUNTS = (
    "10",
    "12",
    "25",
    "40",
    "100",
    "250",
    "1,000",
    "2.5 million",
    "Four",
    "Six",
    "Twenty-five",
    "Two hundred",
)
COUNTED = """apprenticeships within cluster companies;micro-enterprises supported and trading;
new international links established;square metres of workspace let;visitors to the city;graduates employed locally;
companies on the supplier directory;training places taken up""".replace("\n", "")


def framework_document(actions: int, seed: int = 2008) -> bytes:
    """A framework table of `actions` actions, numbered from 1, that parses without a fault. One seed, one document."""
    rng = random.Random(seed)
    leads = _leads(actions)
    weights = list(leads.values())
    lines, number = [HEAD.rstrip("\n")], 0
    for theme, of_theme in _shared_out(actions, THEMES):
        theme_cell = theme
        for cluster, of_cluster in _shared_out(of_theme, CLUSTERS):
            cluster_cell = cluster
            for _ in range(of_cluster):
                number += 1
                row = (
                    _title(rng),
                    str(number),
                    _lead(rng, list(leads), weights),
                    *_marks(rng),
                    _outcome(rng),
                )
                lines.append("\t".join((theme_cell, cluster_cell, *row)))
                theme_cell = cluster_cell = ""
    return ("\n".join(lines) + "\n").encode()


def _shared_out(total: int, weights: dict[str, int]) -> Iterator[tuple[str, int]]:
    """`total` in whole parts by weight, without those that get nothing; the first gets the odd one."""
    left, weight_left = total, sum(weights.values())
    for name, weight in weights.items():
        part = -(-left * weight // weight_left)
        left, weight_left = left - part, weight_left - weight
        if part:
            yield name, part


def _leads(actions: int) -> dict[str, int]:
    more = actions // ACTIONS_FOR_ANOTHER_LEAD
    names = [f"{area} {body}" for body, area in product(BODIES.split(";"), AREAS.split(";"))]
    rounds = [f"{name} {n}" if n > 1 else name for n in range(1, more // len(names) + 2) for name in names]
    return LEADS | dict.fromkeys(rounds[:more], 1)


def _lead(rng: random.Random, leads: list[str], weights: list[int]) -> str:
    first, second = rng.choices(leads, weights, k=2)
    joint = rng.random() < JOINT and first != second and "All" not in (first, second)
    return f"{first}/{second}" if joint else first


def _marks(rng: random.Random) -> list[str]:
    marks = [
        rng.choices("XO ", (strong, supporting, 32 - strong - supporting))[0].strip()
        for strong, supporting in MARKS
    ]
    if not any(marks):
        marks[rng.randrange(len(marks))] = "X"
    return marks


def _title(rng: random.Random) -> str:
    return " ".join(rng.choice(words.split(";")) for words in (VERBS, KINDS, THINGS, PURPOSES))


def _outcome(rng: random.Random) -> str:
    if rng.random() < TWO_SENTENCES:
        return f"{_sentence(rng)}. {_sentence(rng)}."
    return _sentence(rng)


def _sentence(rng: random.Random) -> str:
    if rng.random() < NUMERIC:
        return f"{rng.choice(AMOUNTS)} {rng.choice(COUNTED.split(';'))}"
    return " ".join(rng.choice(words.split(";")) for words in (OPENINGS, SUBJECTS, RESULTS))
