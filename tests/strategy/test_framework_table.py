"""The parser: the rows of the table, the mends, and every fault."""

from collections import Counter
from decimal import Decimal

import pytest
from django.conf import settings

from strategy.framework_fixture import records
from strategy.framework_table import Fault, Framework, FrameworkFaults, ParsedAction, parse
from strategy.outcome_text import measures_in, opening_number

pytestmark = pytest.mark.once

SOURCE = (settings.BASE_DIR / "fixtures" / "framework.txt").read_bytes()


@pytest.fixture(scope="module")
def table() -> Framework:
    return parse(SOURCE)


@pytest.fixture(scope="module")
def actions(table: Framework) -> dict[int, ParsedAction]:
    return {action.number: action for action in table.actions}


# --- The figures of the framework ----------------------------------------


def test_every_action_from_1_to_32_is_read_in_order(table: Framework) -> None:
    assert [action.number for action in table.actions] == list(range(1, 33))


@pytest.mark.parametrize(
    ("code", "name", "strong", "supporting"),
    [
        ("VF1", "Vision & Leadership", 12, 7),
        ("VF2", "Demand-led Workforce Development", 10, 10),
        ("VF3", "Innovation for Success", 7, 16),
        ("VF4", "Making Connections", 13, 10),
        ("VF5", "Capitalise on £2 billion public/private investment", 5, 11),
    ],
)
def test_each_vital_few_has_its_name_and_its_numbers_of_x_and_o(
    table: Framework, code: str, name: str, strong: int, supporting: int
) -> None:
    marks = Counter(action.marks.get(code) for action in table.actions)
    assert {row.code: row.name for row in table.vital_fews}[code] == name
    assert (marks["X"], marks["O"]) == (strong, supporting)


def test_relationships_add_up_to_47_strong_and_54_supporting(table: Framework) -> None:
    assert Counter(mark for action in table.actions for mark in action.marks.values()) == {"X": 47, "O": 54}


def test_themes_and_clusters_have_their_numbers_of_actions_in_the_order_of_the_document(
    table: Framework,
) -> None:
    assert list(Counter(action.theme for action in table.actions).items()) == [
        ("Leicester Connections", 9),
        ("Spatial Issues", 7),
        ("Access to Labour", 10),
        ("Image & Identity", 6),
    ]
    assert list(Counter(action.cluster for action in table.actions).items()) == [
        ("Cross-cluster", 18),
        ("Construction", 3),
        ("Creative", 3),
        ("Retail", 2),
        ("Food & Drink", 4),
        ("Technology", 2),
    ]
    assert [row.slug for row in table.themes] == [
        "leicester-connections",
        "spatial-issues",
        "access-to-labour",
        "image-identity",
    ]
    assert [row.slug for row in table.clusters] == [
        "cross-cluster",
        "construction",
        "creative",
        "retail",
        "food-drink",
        "technology",
    ]


def test_18_lead_texts_become_16_leads_that_add_to_34(table: Framework) -> None:
    texts = {
        cell.raw for action in table.actions for cell in action.cells if cell.heading == "Suggested Lead"
    }
    assert len(texts) == 18
    assert [(row.name, row.slug) for row in table.leads] == [
        ("Learning & Skills Council", "learning-skills-council"),
        ("Leicester City Growth", "leicester-city-growth"),
        ("Universities", "universities"),
        ("All", "all-partners"),
        ("Leicester City Council", "leicester-city-council"),
        ("Leicestershire Promotions", "leicestershire-promotions"),
        ("Leicester Regeneration Company", "leicester-regeneration-company"),
        ("Food & Drink Forum", "food-drink-forum"),
        ("Leicestershire Intelligence", "leicestershire-intelligence"),
        ("LEGI", "legi"),
        ("Leicestershire Chamber of Commerce", "leicestershire-chamber-of-commerce"),
        ("Construction cluster", "construction-cluster"),
        ("Retail cluster", "retail-cluster"),
        ("Food & Drink cluster", "food-drink-cluster"),
        ("Creative Leicestershire", "creative-leicestershire"),
        ("Ethnic Food & Drink Forum", "ethnic-food-drink-forum"),
    ]
    led = Counter(lead for action in table.actions for lead in action.leads)
    assert led["Leicester City Growth"] == 11
    assert sum(led.values()) == 34


def test_names_that_merely_resemble_each_other_stay_apart(actions: dict[int, ParsedAction]) -> None:
    resembling = {number: actions[number].leads for number in (2, 10, 15, 26, 32)}
    assert resembling == {
        2: ("Leicester City Growth",),
        10: ("Leicester City Council",),
        15: ("Food & Drink Forum",),
        26: ("Food & Drink cluster",),
        32: ("Ethnic Food & Drink Forum",),
    }


def test_a_joint_lead_keeps_its_order(actions: dict[int, ParsedAction]) -> None:
    joint = {number: action.leads for number, action in actions.items() if len(action.leads) > 1}
    assert joint == {9: ("Universities", "Leicester City Growth"), 18: ("Leicester City Growth", "LEGI")}


def test_all_is_one_lead_of_its_own_for_everyone(actions: dict[int, ParsedAction], table: Framework) -> None:
    assert actions[4].leads == ("All",)
    kinds = {
        r["fields"]["name"]: r["fields"]["kind"] for r in records(table) if r["model"] == "partners.partner"
    }
    assert [name for name, kind in kinds.items() if kind == "everyone"] == ["All"]
    assert [name for name, kind in kinds.items() if kind == "cluster"] == [
        "Construction cluster",
        "Retail cluster",
        "Food & Drink cluster",
    ]


def test_33_measures_of_2008_of_which_exactly_three_have_a_target(table: Framework) -> None:
    measures = {(a.number, n): m for a in table.actions for n, m in enumerate(a.measures, start=1)}
    assert table.year == 2008
    assert set(measures) == {(number, 1) for number in range(1, 33)} | {(23, 2)}
    targets = {key: measure.target for key, measure in measures.items() if measure.target is not None}
    assert targets == {(18, 1): Decimal(100), (20, 1): Decimal(10), (23, 2): Decimal(4)}


def test_outcome_texts_are_verbatim_and_their_measures_lose_no_word(table: Framework) -> None:
    for action, line in zip(table.actions, SOURCE.decode().splitlines()[13:], strict=True):
        assert action.outcome_text == line.rstrip("\t").split("\t")[-1]
        assert " ".join(measure.text for measure in action.measures) == action.outcome_text


def test_text_is_no_key_as_actions_5_and_13_share_theirs(actions: dict[int, ParsedAction]) -> None:
    assert actions[5].outcome_text == actions[13].outcome_text
    assert actions[5].cells[-1].line != actions[13].cells[-1].line


# --- What was mended, and the raw text ------------------


def test_the_row_one_cell_to_the_left_is_read_whole(actions: dict[int, ParsedAction]) -> None:
    action = actions[16]
    assert (action.theme, action.cluster, action.leads) == (
        "Spatial Issues",
        "Technology",
        ("Leicester City Growth",),
    )
    assert action.marks == {"VF2": "O", "VF3": "X", "VF4": "O"}
    assert action.title.startswith("Support the installation of flexible")
    assert action.outcome_text.startswith("High technology companies")
    assert [(cell.column, cell.heading) for cell in action.cells][:2] == [(1, "Cluster"), (2, "Action")]


def test_every_mend_is_listed_with_its_line(table: Framework) -> None:
    inherited = [mend for mend in table.mends if "was read as the one above" in mend.message]
    other = {(m.line, m.column): m.message for m in table.mends if m not in inherited}
    assert other == {
        (14, 2): "“Cross-Cluster” was read as “Cross-cluster”, as it is spelt elsewhere",
        (22, 5): "“Universities/Leicester City Growth” was read as a joint lead of 2: "
        "Universities, then Leicester City Growth",
        (29, 1): "the row was one cell too far left; “Technology” was read as its cluster",
        (
            31,
            5,
        ): "“Leicester City Growth/LEGI” was read as a joint lead of 2: Leicester City Growth, then LEGI",
        (36, 11): "2 sentences were read as 2 outcome measures",
        (
            40,
            5,
        ): "“LeicesterShire Promotions” was read as “Leicestershire Promotions”, as it is spelt elsewhere",
    }
    themes = [mend.line for mend in inherited if "theme cell" in mend.message]
    clusters = [mend.line for mend in inherited if "cluster cell" in mend.message]
    assert themes == [line for line in range(15, 46) if line not in (23, 30, 40)]
    assert clusters == [15, 16, 17, 24, 25, 31, 32, 33, 34, 35, 36, 41, 42, 43]


def test_every_cell_keeps_its_raw_text_with_its_place(table: Framework) -> None:
    lines = [line.split("\t") for line in SOURCE.decode().splitlines()]
    cells = [cell for row in (*table.vital_fews, *table.actions) for cell in row.cells]
    assert all(cell.raw == lines[cell.line - 1][cell.column - 1] for cell in cells)
    places = {(cell.line, cell.column) for cell in cells}
    missing = {(n, c) for n in range(14, 46) for c in range(1, 12)} - places
    assert len(places) == len(cells)
    assert {(n, c) for n, c in missing if lines[n - 1][c - 1]} == set()


def test_a_mended_cell_carries_its_mend_beside_its_raw_text(actions: dict[int, ParsedAction]) -> None:
    lead = next(cell for cell in actions[27].cells if cell.heading == "Suggested Lead")
    assert (lead.raw, lead.mend) == (
        "LeicesterShire Promotions",
        "“LeicesterShire Promotions” was read as “Leicestershire Promotions”, as it is spelt elsewhere",
    )
    assert next(cell for cell in actions[30].cells if cell.heading == "Suggested Lead").mend == ""


# --- Another city's table ------------------------------------------------

ELSEWHERE = [
    "Growth Plan",
    "Vital Few",
    "G1\tG2\tG3",
    "Green\tFair\tFast",
    "",
    "\t\tAction\tAction No\tSuggested Lead\tRelationship\t\t\tOutcome Measure 2031",
    "Homes\tNorth\tBuild homes\t1\tHousing Trust\tX\t\tO\tMore homes",
    "\t\tRepair homes\t7\tHousing Trust/All\t\tX\t\t12 homes repaired. Half of them warm",
    "Work\tCross-cluster\tTrain people\t3\tCollege\tO\tO\tO\tMore people trained",
]


def elsewhere(changes: dict[int, str | None] | None = None) -> bytes:
    """The other city's table, with some of its lines (from 1) changed, or dropped."""
    changed = [(changes or {}).get(number, line) for number, line in enumerate(ELSEWHERE, start=1)]
    return "\n".join(line for line in changed if line is not None).encode()


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("after", [b"", b"\n", b"\n\n\t\t\n"])
def test_another_citys_table_parses_however_its_lines_end(
    before: bytes, newline: bytes, after: bytes
) -> None:
    table = parse(before + (elsewhere() + after).replace(b"\n", newline))
    assert [(row.code, row.name) for row in table.vital_fews] == [
        ("G1", "Green"),
        ("G2", "Fair"),
        ("G3", "Fast"),
    ]
    assert table.year == 2031
    assert [row.name for row in table.leads] == ["Housing Trust", "All", "College"]
    assert [(a.number, a.theme, a.cluster, a.leads, a.marks) for a in table.actions] == [
        (1, "Homes", "North", ("Housing Trust",), {"G1": "X", "G3": "O"}),
        (7, "Homes", "North", ("Housing Trust", "All"), {"G2": "X"}),
        (3, "Work", "Cross-cluster", ("College",), {"G1": "O", "G2": "O", "G3": "O"}),
    ]
    assert [(m.text, m.target) for m in table.actions[1].measures] == [
        ("12 homes repaired.", 12),
        ("Half of them warm", None),
    ]
    assert any("byte order mark" in mend.message for mend in table.mends) == bool(before)


def test_a_new_theme_does_not_inherit_the_cluster_of_the_one_above() -> None:
    with pytest.raises(FrameworkFaults, match="line 9, column 2: an action before any cluster"):
        parse(elsewhere({9: ELSEWHERE[8].replace("Cross-cluster", "")}))


def test_slugs_that_would_be_alike_are_numbered() -> None:
    table = parse(elsewhere({9: ELSEWHERE[8].replace("College", "Housing & Trust")}))
    assert [row.slug for row in table.leads] == ["housing-trust", "all-partners", "housing-trust-2"]


def test_many_names_of_one_slug_are_numbered_in_order() -> None:
    names = ["Trust" + "!" * n for n in range(3000)]
    rows = [
        ELSEWHERE[6].replace("\t1\tHousing Trust", f"\t{n}\t{name}") for n, name in enumerate(names, start=1)
    ]
    table = parse("\n".join([*ELSEWHERE[:6], *rows]).encode())
    assert [row.slug for row in table.leads] == ["trust", *(f"trust-{n}" for n in range(2, 3001))]


@pytest.mark.parametrize("number", [10_000, 100_000, 9_999_999])
def test_action_numbers_have_up_to_seven_digits(number: int) -> None:
    assert parse(elsewhere(cell(8, 4, str(number)))).actions[1].number == number


# --- Broken tables -------------------------------------------------------


def cell(line: int, column: int, text: str) -> dict[int, str | None]:
    """The change of one cell of the other city's table."""
    cells = ELSEWHERE[line - 1].split("\t")
    cells[column - 1] = text
    return {line: "\t".join(cells)}


@pytest.mark.parametrize(
    ("source", "line", "column", "message", "expected"),
    [
        pytest.param(
            elsewhere().replace(b"North", b"N\xf4rth"), 7, 2, "byte 0xf4", "UTF-8 text", id="Latin-1"
        ),
        pytest.param(elsewhere().decode().encode("utf-16"), 1, 1, "UTF-16", "UTF-8", id="UTF-16"),
        pytest.param(b"", 1, 1, "empty", "a framework table", id="empty"),
        pytest.param(b"\xef\xbb\xbf\r\n \t\n", 1, 1, "empty", "a framework table", id="blank"),
        pytest.param(elsewhere({6: None}), 1, 1, "no heading", "Suggested Lead", id="no heading"),
        pytest.param(
            elsewhere({6: ELSEWHERE[5].replace(" 2031", "")}),
            6,
            9,
            "last heading",
            "and a year",
            id="no year",
        ),
        pytest.param(
            elsewhere({7: None, 8: None, 9: None}), 6, 1, "no row", "at least one action", id="no rows"
        ),
        pytest.param(
            elsewhere({2: None, 3: None, 4: None}), 1, 1, "no list of vital fews", "“Vital Few”", id="no list"
        ),
        pytest.param(
            elsewhere({3: None, 4: None}), 2, 1, "no list of vital fews", "codes", id="list is empty"
        ),
        pytest.param(elsewhere({3: "G1\tG1\tG3"}), 3, 2, "G1 appears twice", "only once", id="code twice"),
        pytest.param(elsewhere({3: "G1\tbig\tG3"}), 3, 2, "“big” is not the code", "like VF1", id="no code"),
        pytest.param(
            elsewhere({4: "Green\tFair"}), 4, 3, "G3 has no name", "one under each", id="code without name"
        ),
        pytest.param(
            elsewhere({3: "G1\tG2", 4: "Green\tFair"}),
            6,
            9,
            "3 relationship columns",
            "2 vital",
            id="columns",
        ),
        pytest.param(
            elsewhere({7: ELSEWHERE[6].removesuffix("\tMore homes")}),
            7,
            8,
            "8 cells are too few",
            "9",
            id="too few",
        ),
        pytest.param(
            elsewhere({8: ELSEWHERE[7] + "\tmore"}), 8, 10, "10 cells are too many", "9", id="too many"
        ),
        pytest.param(elsewhere(cell(7, 6, "Q")), 7, 6, "“Q” for G1", "X, O or an empty cell", id="bad mark"),
        pytest.param(elsewhere(cell(7, 7, "x")), 7, 7, "“x” for G2", "X, O or an empty cell", id="small x"),
        pytest.param(elsewhere(cell(7, 8, "0")), 7, 8, "“0” for G3", "X, O or an empty cell", id="zero"),
        pytest.param(
            elsewhere(cell(9, 4, "1")), 9, 4, "action 1 is already on line 7", "only once", id="number twice"
        ),
        pytest.param(
            elsewhere(cell(8, 4, "")), 8, 4, "no action number", "from 1 to 9,999,999", id="no number"
        ),
        pytest.param(elsewhere(cell(8, 4, "7a")), 8, 4, "“7a”", "a whole number", id="not a number"),
        pytest.param(elsewhere(cell(8, 4, "0")), 8, 4, "“0”", "from 1", id="number zero"),
        pytest.param(elsewhere(cell(8, 4, "10000000")), 8, 4, "“10000000”", "to 9,999,999", id="too large"),
        pytest.param(
            elsewhere(cell(7, 1, "") | {8: None}),
            7,
            1,
            "an action before any theme",
            "a theme",
            id="no theme",
        ),
        pytest.param(elsewhere(cell(8, 3, "a\0b")), 8, 3, "a NUL byte", "plain text", id="NUL byte"),
        pytest.param(elsewhere(cell(8, 3, "a\x1bb")), 8, 3, "U+001B", "plain text", id="control character"),
        pytest.param(elsewhere(cell(8, 3, "")), 8, 3, "the action is empty", "text", id="no title"),
        pytest.param(
            elsewhere(cell(9, 9, "")), 9, 9, "the outcome measure is empty", "text", id="no outcome"
        ),
        pytest.param(elsewhere(cell(8, 5, "")), 8, 5, "no suggested lead", "a name", id="no lead"),
        pytest.param(
            elsewhere(cell(8, 5, "A//B")), 8, 5, "“A//B” has an empty name", "“/”", id="half a joint lead"
        ),
        pytest.param(
            elsewhere(cell(8, 5, "A/a")), 8, 5, "“A/a” names a lead twice", "only once", id="lead twice"
        ),
    ],
)
def test_a_broken_table_is_refused_with_line_column_and_what_was_expected(
    source: bytes, line: int, column: int, message: str, expected: str
) -> None:
    with pytest.raises(FrameworkFaults) as refused:
        parse(source)
    [fault] = refused.value.faults
    assert (fault.line, fault.column) == (line, column)
    assert message in fault.message
    assert expected in fault.message
    assert "expected" in fault.message


def test_every_action_before_the_first_theme_is_a_fault() -> None:
    with pytest.raises(FrameworkFaults) as refused:
        parse(elsewhere(cell(7, 1, "")))
    assert [(fault.line, fault.column) for fault in refused.value.faults] == [(7, 1), (8, 1)]


def test_a_row_that_is_too_short_is_not_blamed_on_the_rows_below_it() -> None:
    with pytest.raises(FrameworkFaults) as refused:
        parse(elsewhere({7: "Homes", 8: ELSEWHERE[7].replace("\tX", "\tQ")}))
    assert [(fault.line, fault.column) for fault in refused.value.faults] == [(7, 1), (8, 7)]


def test_all_faults_are_raised_at_once_in_the_order_of_the_document() -> None:
    broken = {
        3: "G1\tbig\tG3",
        7: ELSEWHERE[6].replace("X", "Q").replace("North", ""),
        8: ELSEWHERE[7] + "\tmore",
        9: ELSEWHERE[8].replace("\t3\t", "\t7a\t") + "\0",
    }
    with pytest.raises(FrameworkFaults) as refused:
        parse(elsewhere(broken).replace(b"Train", b"Tr\xe4in"))
    places = [(fault.line, fault.column) for fault in refused.value.faults]
    assert places == [(3, 2), (7, 2), (7, 6), (8, 10), (9, 3), (9, 4), (9, 9)]
    assert str(refused.value).splitlines()[0].startswith("line 3, column 2: “big”")


def test_a_fault_reads_as_its_place_and_its_message() -> None:
    assert str(Fault(3, 2, "wrong")) == "line 3, column 2: wrong"


# --- Sentences and their opening numbers ---------------------------------


@pytest.mark.parametrize(
    ("sentence", "number"),
    [
        ("100 micro-enterprises", "100"),
        ("100% of firms", "100"),
        ("1,000 jobs", "1000"),
        ("1,234,567 visits", "1234567"),
        ("2.5 million visitors", "2500000"),
        ("3 thousand trees", "3000"),
        ("10 or more courses", "10"),
        ("7", "7"),
        ("Four new links", "4"),
        ("Twenty-five firms", "25"),
        ("Twenty five firms", "25"),
        ("One hundred and ten jobs", "110"),
        ("Two thousand three hundred homes", "2300"),
        ("Hundred days", "100"),
        ("Zero net loss", "0"),
        ("TEN apprentices", "10"),
        ("1in2 young adults", None),
        ("10-20 firms", None),
        ("10 to 20 firms", None),
        ("10 – 20 firms", None),
        ("Ten to twenty firms", None),
        ("One or two firms", None),
        ("1,00 firms", None),
        ("3rd sector", None),
        ("2-year plan", None),
        ("24/7 support", None),
        ("£2 billion invested", None),
        ("Two-thirds of firms", None),
        ("One-third of firms", None),
        ("Seven-day opening", None),
        ("First of its kind", None),
        ("Tenfold growth", None),
        ("Hundreds of firms", None),
        ("Someone new", None),
        ("An increase within three years", None),
        ("the five clusters", None),
        ("", None),
    ],
)
def test_only_a_sentence_that_opens_with_a_number_has_it(sentence: str, number: str | None) -> None:
    assert opening_number(sentence) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("More jobs! 5 firms?  £2 more", ["More jobs!", "5 firms?", "£2 more"]),
        ("Growth of 2.5 per cent", ["Growth of 2.5 per cent"]),
        ("no capital. follows", ["no capital. follows"]),
        ("", []),
    ],
)
def test_a_measure_is_a_sentence(text: str, sentences: list[str]) -> None:
    assert [measure.text for measure in measures_in(text)] == sentences
