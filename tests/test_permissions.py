"""Who gets what from every address: one table, swept over every role and method. A new address needs a rule here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from partners.models import User
from tests.conftest import open_period, person, submitted
from tests.pages import World, world_of

pytestmark = [pytest.mark.once, pytest.mark.untraced]

ROLES = ("signed out", "closed account", "lead", "stranger", "staff", "board")
SIGNED_IN = ROLES[2:]
# In this order: signing out, a POST, comes last.
METHODS = ("GET", "HEAD", "PUT", "DELETE", "POST")
SIGN_IN = "302 302 302 302"  # to the sign-in page, and back again afterwards
READ = "200 405 405 405"


@dataclass(frozen=True)
class Case:
    """What an address answers each role. `statuses` are of GET (and HEAD), PUT, DELETE, POST."""

    name: str
    statuses: dict[str, dict[str, int]]
    at: Callable[[World], dict[str, Any]] = field(default=lambda world: {})

    def __str__(self) -> str:
        return self.name

    def address(self, world: World) -> str:
        return reverse(self.name, kwargs=self.at(world))


def case(name: str, everyone: str, at: Any = None, out: str = SIGN_IN, **roles: str) -> Case:
    """`everyone` who is signed in, but for the `roles` named; `at` gives the address its values."""
    statuses = {"signed out": out, "closed account": out} | {
        role: roles.get(role, everyone) for role in SIGNED_IN
    }
    fixed = at if callable(at) else lambda world: at or {}
    return Case(name, {role: _by_method(numbers) for role, numbers in statuses.items()}, fixed)


def _by_method(numbers: str) -> Any:
    get, put, delete, post = (int(number) for number in numbers.split())
    return {"GET": get, "HEAD": get, "PUT": put, "DELETE": delete, "POST": post}


FORM = "200 405 405 422"  # asked for, and refused what the sweep sends
NOT_THEIRS = "403 405 405 403"
NO_POST = "405 405 405 403"
ALL_MINE = {"lead": "405 405 405 302", "stranger": "405 405 405 302", "staff": "405 405 405 302"}
STAFF_POST = {"staff": "405 405 405 302"}
ONE = {"number": 1, "order": 1}

PORTAL = (
    case("home", READ),
    case("action_list", READ),
    case("action_export_xlsx", READ),
    case("action_export_csv", READ),
    case("measure_list", READ),
    case("measure_export_xlsx", READ),
    case("measure_export_csv", READ),
    case("action_detail", READ, {"number": 1}),
    case("action_detail", "404 405 405 405", {"number": 33}),
    case("today", "403 405 405 405", staff=READ),
    case("today_section", "403 405 405 405", {"slug": "awaited"}, staff=READ),
    case("today_section", "403 405 405 405", {"slug": "made-up"}, staff="404 405 405 405"),
    case("answer_decide", NOT_THEIRS, lambda world: {"pk": world.answer.pk}, staff=FORM),
    case("proposal_decide", NOT_THEIRS, lambda world: {"pk": world.proposal.pk}, staff=FORM),
    case("lead_confirm", NOT_THEIRS, staff=FORM),
    case("lead_accept_all", NO_POST, **ALL_MINE),
    case("action_edit", NOT_THEIRS, {"number": 1}, staff=FORM),
    case("action_edit", "403 405 405 403", {"number": 33}, staff="404 405 405 404"),
    case("action_close", NOT_THEIRS, {"number": 1}, staff=FORM),
    case("action_new", NOT_THEIRS, staff=FORM),
    case("target_dates", NOT_THEIRS, staff=FORM),
    case("lead_answer", NOT_THEIRS, {"number": 1, "slug": "learning-skills-council"}, lead=FORM, staff=FORM),
    case("lead_answer", "404 405 405 404", {"number": 1, "slug": "legi"}, board=NOT_THEIRS),
    case("measure_update", NOT_THEIRS, ONE, lead=FORM, staff=FORM),
    # all partners lead action 4 together: each of them may report on it
    case("measure_update", FORM, {"number": 4, "order": 1}, board=NOT_THEIRS),
    case("measure_update", "404 405 405 404", {"number": 1, "order": 2}, board=NOT_THEIRS),
    case("measure_update", "404 405 405 404", {"number": 33, "order": 1}, board=NOT_THEIRS),
    case("measure_no_change", NO_POST, ONE, lead="405 405 405 302", staff="405 405 405 302"),
    case("my_updates", READ),
    case("calendar_address", "200 405 405 302"),
    case("calendar_ics", "404 405 405 405", out="404 405 405 405"),  # without a key
    case("question_ask", NOT_THEIRS, lambda world: {"pk": world.update.pk}, staff=FORM),
    case("no_change_all", NO_POST, **ALL_MINE),
    case("evidence_file", READ, lambda world: {"pk": world.filed.pk}),
    # in a draft of the lead: nobody else, staff neither, learns that there is one
    case("evidence_file", "404 405 405 405", lambda world: {"pk": world.drafted.pk}, lead=READ),
    case("view_list", READ),
    case("view_save", "404 405 405 404"),  # without an address
    # private: nobody else, staff neither, learns that there is one
    case("view_edit", "404 405 405 404", lambda world: {"pk": world.view.pk}, lead=FORM),
    case("view_edit", NOT_THEIRS, lambda world: {"pk": world.shared_view.pk}, staff=FORM),
    case("view_delete", "404 405 405 404", lambda world: {"pk": world.view.pk}, lead="200 405 405 302"),
    case("view_start", "405 405 405 404", lambda world: {"pk": world.view.pk}, lead="405 405 405 302"),
    case("view_start", "405 405 405 302", lambda world: {"pk": world.shared_view.pk}),
    case("vital_few_list", READ),
    case("vital_few_detail", READ, {"code": "VF1"}),
    case("theme_list", READ),
    case("theme_detail", READ, {"slug": "image-identity"}),
    case("cluster_list", READ),
    case("cluster_detail", READ, {"slug": "food-drink"}),
    case("partner_list", READ),
    case("partner_detail", READ, {"slug": "legi"}),
    case("board", READ),
    case("board_paper_pdf", READ),
    case("board_export_xlsx", READ),
    case("board_export_csv", "400 405 405 405"),  # without a sheet
    case("board_paper_email", "405 405 405 302"),
    case("published_file", READ, lambda world: {"pk": world.paper.pk, "kind": "pdf"}),
    case("published_file", READ, lambda world: {"pk": world.paper.pk, "kind": "workbook"}),
    case("published_file", "404 405 405 405", lambda world: {"pk": world.paper.pk, "kind": "docx"}),
    case("change_list", READ),
    case("change_export_xlsx", READ),
    case("change_export_csv", READ),
    case("coverage", READ),
    case("coverage_export_xlsx", READ),
    case("coverage_export_csv", READ),
    case("period_list", "403 405 405 405", staff=READ),
    case("period_detail", "403 405 405 405", {"slug": "autumn-round"}, staff=READ),
    case("period_new", NOT_THEIRS, staff=FORM),
    case("period_edit", NOT_THEIRS, {"slug": "autumn-round"}, staff=FORM),
    case("meeting_list", "403 405 405 405", staff=READ),
    case("meeting_new", NOT_THEIRS, staff=FORM),
    case("meeting_edit", NOT_THEIRS, {"slug": "next-meeting"}, staff=FORM),
    case("meeting_delete", NOT_THEIRS, {"slug": "next-meeting"}, staff=FORM),
    case("period_remind", NOT_THEIRS, {"slug": "autumn-round"}, staff=FORM),
    case("not_me", NOT_THEIRS, ONE, lead=FORM),
    case("not_me", FORM, {"number": 4, "order": 1}, board=NOT_THEIRS, staff=NOT_THEIRS),
    case("not_me_decide", NO_POST, lambda world: {"pk": world.not_me.pk}, **STAFF_POST),
    case("outbox", "403 405 405 405", staff=READ),
    case("outbox_send_again", NO_POST, lambda world: {"pk": world.mail.pk}, **STAFF_POST),
    case("period_open", NO_POST, {"slug": "autumn-round"}, **STAFF_POST),
    case("period_close", NOT_THEIRS, {"slug": "autumn-round"}, staff=FORM),
    case("period_reopen", NOT_THEIRS, {"slug": "autumn-round"}, staff=FORM),
    case("partner_new", NOT_THEIRS, staff=FORM),
    case("partner_edit", NOT_THEIRS, {"slug": "universities"}, staff=FORM),
    case("partner_edit", NOT_THEIRS, {"slug": "all-partners"}, staff="404 405 405 404"),
    case("partner_merge", NOT_THEIRS, {"slug": "universities"}, staff=FORM),
    case("person_list", "403 405 405 405", staff=READ),
    case("person_invite", NOT_THEIRS, staff=FORM),
    case("person_detail", "403 405 405 405", lambda world: {"pk": world.author}, staff=READ),
    case("person_detail", "403 405 405 405", {"pk": 0}, staff="404 405 405 405"),
    case("person_move", NOT_THEIRS, lambda world: {"pk": world.author}, staff=FORM),
    case("person_close", NOT_THEIRS, lambda world: {"pk": world.author}, staff=FORM),
    case("person_reopen", NOT_THEIRS, lambda world: {"pk": world.author}, staff=FORM),
    case("person_reset_second_factor", NOT_THEIRS, lambda world: {"pk": world.author}, staff=FORM),
    # an open account: back to its page, which says to close it first
    case("person_remove_name", NOT_THEIRS, lambda world: {"pk": world.author}, staff="302 405 405 302"),
    case("invitation_list", NOT_THEIRS, staff=FORM),
    case("invitation_send_again", NO_POST, lambda world: {"pk": world.invitation.pk}, **STAFF_POST),
    case("invitation_revoke", NO_POST, lambda world: {"pk": world.invitation.pk}, **STAFF_POST),
    case("invitation_accept", FORM, lambda world: {"token": world.token}, out=FORM),
    case("invitation_accept", "410 405 405 410", {"token": "made-up"}, out="410 405 405 410"),
    case("help", READ),
    case("user_guide", READ),
    case("accessibility", READ, out=READ),
    case("security_txt", READ, out=READ),
    case("city_logo", "404 405 405 405", out="404 405 405 405"),  # none is set
    case("health_live", READ, out=READ),
    case("health_ready", READ, out=READ),
)
ELSEWHERE = "302 302 302 302"  # signed in already: on to where the main job is
AGAIN = "302 302 302 302"  # confirm that it is you, first
SHOWN = "200 200 405 200"  # allauth answers a faulty form with 200
VOID = "200 200 200 200"  # says that the link is of no use, that accounts are by invitation
ACCOUNT = (
    case("account_email", READ),
    case("account_login", ELSEWHERE, out=SHOWN),
    case("account_logout", "200 405 405 302", out="302 405 405 302"),
    case("account_inactive", READ, out=READ),
    case("account_signup", ELSEWHERE, out=VOID),
    case("account_reauthenticate", SHOWN),
    case("account_email_verification_sent", READ, out=READ),
    case("account_change_password", SHOWN),
    case("account_set_password", ELSEWHERE),  # they have one: on to changing it
    case("account_reset_password", SHOWN, out=SHOWN),
    case("account_confirm_login_code", ELSEWHERE, out=ELSEWHERE),
    case("account_confirm_email", "200 405 405 404", {"key": "made-up"}, out="200 405 405 404"),
    case("account_reset_password_from_key", VOID, {"uidb36": "1", "key": "made-up"}, out=VOID),
    case("account_reset_password_from_key_done", READ, out=READ),
    case("account_reset_password_done", READ, out=READ),
    case("account_request_login_code", ELSEWHERE, out=SHOWN),
    case("login_password", ELSEWHERE, out="302 200 405 200"),
    case("usersessions_list", "200 302 405 302"),
    case("second_factor_needed", READ),
    # no provider is set
    case("openid_connect_login", "404 404 404 404", {"provider_id": "sso"}, out="404 404 404 404"),
    case("openid_connect_callback", "404 404 404 404", {"provider_id": "sso"}, out="404 404 404 404"),
    case("mfa_index", READ),
    case("mfa_authenticate", ELSEWHERE, out=SIGN_IN),
    case("mfa_reauthenticate", AGAIN),
    case("mfa_activate_totp", AGAIN),
    case("mfa_deactivate_totp", "404 404 404 404"),
    case("mfa_view_recovery_codes", "404 405 405 405"),
    case("mfa_generate_recovery_codes", AGAIN),
    case("mfa_download_recovery_codes", "404 404 404 404"),
    case("mfa_list_webauthn", READ),
    case("mfa_add_webauthn", AGAIN),
    case("mfa_reauthenticate_webauthn", AGAIN),
    case("mfa_remove_webauthn", AGAIN, {"pk": 1}),
    case("mfa_edit_webauthn", AGAIN, {"pk": 1}),
    case("mfa_login_webauthn", ELSEWHERE, out="302 302 405 302"),
)
# The admin is for staff alone. Of each model: what a GET of list, add, change, history and delete answers them.
READ_ONLY, NEVER_DELETED, ONLY_REMOVED = (
    "200 403 200 200 403",
    "200 200 200 200 403",
    "200 403 200 200 200",
)
ADMIN_MODELS = {
    "strategy.vitalfew": NEVER_DELETED,
    "strategy.theme": NEVER_DELETED,
    "strategy.cluster": NEVER_DELETED,
    "partners.partner": NEVER_DELETED,
    "partners.user": NEVER_DELETED,
    "actions.action": NEVER_DELETED,
    "actions.progressupdate": READ_ONLY,
    "history.planchange": READ_ONLY,
    "actions.leadanswer": READ_ONLY,
    "actions.sourcecell": READ_ONLY,
    "mfa.authenticator": ONLY_REMOVED,
}
ADMIN_PAGES = {  # and of the pages of no model
    "index": ("admin/", 200),
    "login": ("admin/login/", 302),
    "logout": ("admin/logout/", 405),
    "password_change": ("admin/password_change/", 200),
    "password_change_done": ("admin/password_change/done/", 200),
    "autocomplete": ("admin/autocomplete/", 403),
    "jsi18n": ("admin/jsi18n/", 200),
    "view_on_site": ("admin/r/0/0/", 404),
    "app_list": ("admin/actions/", 200),
    "admin/(?P<url>.*)$": ("admin/made-up", 404),
}
MODEL_PAGES = ("changelist", "add", "change", "history", "delete")


def every_address() -> Iterator[str]:
    """The name of every pattern of the resolver; the pattern itself where it has none."""

    def names(patterns: list[Any], prefix: str, spaces: tuple[str, ...]) -> Iterator[str]:
        for one in patterns:
            route = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from names(
                    one.url_patterns, route, (*spaces, one.namespace) if one.namespace else spaces
                )
            elif isinstance(one, URLPattern):
                yield ":".join((*spaces, one.name or route))

    return names(get_resolver().url_patterns, "", ())


def test_every_address_has_a_rule_and_every_rule_an_address() -> None:
    of_models = {
        f"admin:{label.replace('.', '_')}_{kind}" for label in ADMIN_MODELS for kind in MODEL_PAGES
    } | {f"admin:admin/{label.replace('.', '/')}/<path:object_id>/" for label in ADMIN_MODELS}
    rules = {one.name for one in PORTAL + ACCOUNT} | {f"admin:{name}" for name in ADMIN_PAGES} | of_models
    assert set(every_address()) == rules


@pytest.fixture(scope="module")
def cast(kept: None) -> tuple[World, dict[str, User], dict[str, str]]:
    """The world, its people and the sessions in which they are signed in: made once, and as made for each test."""
    staff = person("sam@city.example", "Sam Staff", User.Role.STAFF)
    people = {
        "closed account": person("gone@skills.example", "Gone", User.Role.LEAD, "learning-skills-council"),
        "lead": person("lena@skills.example", "Lena Lead", User.Role.LEAD, "learning-skills-council"),
        "stranger": person(
            "cleo@creative.example", "Cleo Creative", User.Role.LEAD, "creative-leicestershire"
        ),
        "staff": staff,
        "board": person("bo@board.example", "Bo Board", User.Role.BOARD),
    }
    world = world_of(people["lead"], staff, partial(submitted, by=staff), open_period())
    sessions = {}
    for role, one in people.items():
        client = Client()
        client.force_login(one)
        sessions[role] = client.cookies["sessionid"].value
    # it was signed in when it was closed
    User.objects.filter(pk=people["closed account"].pk).update(is_active=False)
    return world, people, sessions


@pytest.fixture
def people(cast: Any, db: None) -> dict[str, User]:
    return dict(cast[1])


@pytest.fixture
def world(cast: Any, db: None) -> World:
    return replace(cast[0])


@pytest.fixture
def clients(cast: Any, db: None) -> dict[str, Client]:
    """A browser of each; the account that is closed was signed in when it was closed."""
    found = {role: Client() for role in ROLES}
    for role, key in cast[2].items():
        found[role].cookies["sessionid"] = key
    return found


@pytest.mark.usefixtures("quick_paper")
@pytest.mark.parametrize("rule", PORTAL + ACCOUNT, ids=str)
def test_an_address_answers_each_role_and_method_as_its_rule_says(
    rule: Case, clients: dict[str, Client], world: World
) -> None:
    address = rule.address(world)
    for role in ROLES:
        found: dict[str, int] = {}
        cache.clear()  # of allauth's rate limits
        for method in METHODS:
            if method == "HEAD" and role not in ("signed out", "staff"):
                found[method] = found["GET"]  # made as a GET is: tried with two roles alone
                continue
            client = clients[role]
            response = (
                client.post(address, {"sent": "1"}) if method == "POST" else client.generic(method, address)
            )
            found[method] = response.status_code
            if response.streaming:
                assert bool(b"".join(response.streaming_content)) == (method == "GET")  # and closes the file
            if rule.statuses[role] == _by_method(SIGN_IN) and role not in SIGNED_IN and rule in PORTAL:
                assert response["Location"] == f"/accounts/login/?next={quote(address)}"
        assert (role, found) == (role, rule.statuses[role])


@pytest.mark.parametrize("label", ADMIN_MODELS)
def test_the_admin_of_a_model_is_for_staff_alone(
    label: str, clients: dict[str, Client], people: dict[str, User], world: World
) -> None:
    Authenticator.objects.create(user=people["lead"], type="totp", data={})
    key = apps.get_model(label)._default_manager.all()[0].pk
    found = []
    for kind in MODEL_PAGES:
        args = [] if kind in ("changelist", "add") else [key]
        address = reverse(f"admin:{label.replace('.', '_')}_{kind}", args=args)
        found.append(str(clients["staff"].get(address).status_code))
        _shut_to_all_but_staff(address, clients)
    _shut_to_all_but_staff(f"/admin/{label.replace('.', '/')}/{key}/", clients)
    assert " ".join(found) == ADMIN_MODELS[label]


@pytest.mark.parametrize("name", ADMIN_PAGES)
def test_a_page_of_the_admin_is_for_staff_alone(name: str, clients: dict[str, Client]) -> None:
    path, status = ADMIN_PAGES[name]
    if name not in ("login", "logout"):
        _shut_to_all_but_staff(f"/{path}", clients)
    assert clients["staff"].get(f"/{path}").status_code == status


def _shut_to_all_but_staff(address: str, clients: dict[str, Client]) -> None:
    """Who is signed out is sent to sign in; who is signed in as another is sent to a sign-in that refuses them."""
    for role in ROLES:
        for method in METHODS if role != "staff" else ():
            response = clients[role].generic(method, address)
            assert response.status_code == 302, (role, method, address)
            signs_in = response["Location"].partition("?")[0]
            assert signs_in == "/admin/login/" or (
                signs_in == "/accounts/login/" and role not in SIGNED_IN
            ), role


@pytest.mark.parametrize("role", ["lead", "stranger", "board"])
def test_the_sign_in_of_the_admin_refuses_who_is_not_staff(role: str, clients: dict[str, Client]) -> None:
    assert clients[role].get("/admin/", follow=True).status_code == 403
    assert clients[role].post("/admin/login/", {"username": "x", "password": "y"}).status_code == 403


def test_the_admin_holds_no_second_place_for_roles_or_addresses() -> None:
    assert {model._meta.label_lower for model in admin.site._registry} == set(ADMIN_MODELS)


def test_who_is_signed_out_finds_no_more_than_the_ways_in(clients: dict[str, Client], world: World) -> None:
    """Of all addresses: sign-in and what belongs to it, an invitation, the statement, health."""
    answers = [(rule, clients["signed out"].get(rule.address(world))) for rule in PORTAL + ACCOUNT]
    shown = {rule.name for rule, response in answers if response.status_code not in (302, 410)}
    assert shown == {
        "accessibility", "calendar_ics", "city_logo", "health_live", "health_ready", "invitation_accept",
        "security_txt", "openid_connect_login", "openid_connect_callback",
        "account_login", "account_request_login_code", "account_signup", "account_inactive",
        "account_email_verification_sent", "account_confirm_email", "account_reset_password",
        "account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("number", "role", "status"),
    [
        (9, "joint_lead", 200),
        (9, "other_joint_lead", 200),
        (3, "joint_lead", 200),
        (3, "other_joint_lead", 403),
    ],
)
def test_each_of_joint_leads_may_report_and_neither_on_the_others(
    number: int, role: str, status: int, request: pytest.FixtureRequest, client_of: Callable[[User], Client]
) -> None:
    client = client_of(request.getfixturevalue(role))
    assert client.get(reverse("measure_update", args=[number, 1])).status_code == status


@pytest.mark.parametrize("number", [1, 4])
def test_a_lead_of_no_partner_reports_on_nothing_not_even_what_all_lead(
    number: int, framework: None, client_of: Callable[[User], Client]
) -> None:
    nobody = client_of(person("none@nowhere.example", "Nora None"))
    assert nobody.get(reverse("measure_update", args=[number, 1])).status_code == 403
    assert nobody.post(reverse("measure_update", args=[number, 1]), {"status": "on-track"}).status_code == 403


def test_a_link_to_the_admin_stands_in_the_navigation_of_staff_alone(clients: dict[str, Client]) -> None:
    for role in SIGNED_IN:
        assert (b'href="/admin/"' in clients[role].get("/").content) == (role == "staff")
