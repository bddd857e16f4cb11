"""Every command with every option, as people and scripts use and misuse it."""

import subprocess
import sys

import pytest
from sqlmodel import select

from bot.tables.accounts import UserAccount
from tests.surface.console import Console

HUGE = "99999999999999999999999"
NOT_UTF8 = "\udcff\udcfe"
MESSAGE_KEYS = {"id", "direction", "kind", "campaign", "batch", "to", "from", "body", "language", "parts"} | {
    *("state", "sid", "attempts", "error_code", "created", "sent", "updated")
}
READING_KEYS = {"intent", "urgent", "choice", "language", "script", "romanised"} | {
    *("rule", "matched", "confidence", "to_person", "concepts", "paged")
}
PLAN = ("campaign", "plan", "--practice", "STATION", "--purpose", "fuel-poverty", "--partner", "CAB")


def test_loading_the_demo_twice_changes_nothing(console: Console) -> None:
    first = console.ask("demo", "load")
    assert (first["practice"], first["partner"], first["patients"]) == ("STATION", "CAB", 600)
    assert {account["role"] for account in first["accounts"]} == {"lead", "practice", "partner", "admin"}
    assert all(set(account) == {"email", "role", "password"} for account in first["accounts"])
    assert console.ask("demo", "load") == first
    assert len(console.lines("patients", "list", "--practice", "STATION")) == 600


def test_passwords_are_kept_as_argon2id_with_the_effort_that_is_recommended(embedded: Console) -> None:
    with embedded.world.database.read() as session:
        kept = session.exec(select(UserAccount.password_hash)).all()
    assert kept
    assert all(one and one.startswith("$argon2id$v=19$m=65536,t=3,p=4$") for one in kept)


def test_a_smaller_demo_after_a_larger_one_says_how_many_there_are(embedded: Console) -> None:
    assert embedded.ask("demo", "load", "--patients", "10")["patients"] == 600


@pytest.mark.parametrize("people", ["0", "-1", "many"])
def test_a_demo_of_nobody_is_wrong_usage(embedded: Console, people: str) -> None:
    assert "--patients" in embedded.misuse("demo", "load", "--patients", people)


def test_the_demo_practice_may_have_as_many_people_as_there_are_test_numbers_for_and_no_more(embedded: Console) -> None:
    assert embedded.refusal("demo", "load", "--patients", HUGE) == "too-many-people"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("patients", "list", "--practice", "NOWHERE"), "unknown-practice"),
        (("partners", "places", "NOBODY", "3"), "unknown-partner"),
        (("partners", "add", "P", "--name", "P", "--places", "3", "--practice", "NOWHERE"), "unknown-practice"),
        (("users", "add", "a@example.org", "--role", "lead", "--organisation", "NOWHERE"), "unknown-organisation"),
        (("users", "add", "a@example.org", "--role", "lead"), "needs-practice"),
        (("users", "add", "a@example.org", "--role", "partner", "--organisation", "STATION"), "needs-partner"),
        (("users", "add", "nobody", "--role", "admin"), "bad-email"),
        (("criteria", "show", "nothing"), "unknown-criteria"),
        ((*PLAN, "--criteria", "nothing"), "unknown-criteria"),
        ((*PLAN[:5], "nothing", *PLAN[6:]), "unknown-purpose"),
        ((*PLAN[:-1], "NOBODY"), "unknown-partner"),
        ((*PLAN[:3], "NOWHERE", *PLAN[4:]), "unknown-practice"),
        ((*PLAN, "--as", "stranger@example.org"), "unknown-account"),
        ((*PLAN, "--as", "partner@demo.example"), "not-allowed"),
        (("campaign", "status", "0"), "unknown-campaign"),
        (("campaign", "status", "2147483648"), "unknown-campaign"),
        (("campaign", "approve", HUGE), "unknown-campaign"),
        (("campaign", "hold", HUGE), "unknown-campaign"),
        (("messages", "list", "--campaign", "999999"), "unknown-campaign"),
        (("messages", "list", "--campaign", HUGE), "unknown-campaign"),
        (("texts", "show", "nothing", "--language", "en"), "unknown-text"),
        (("texts", "show", "emergency", "--language", "xx"), "unknown-language"),
        (("texts", "show", "help", "--language", "cy"), "no-wording"),
        (("texts", "approve", "--all", "--language", "ur"), "needs-person"),
        (("texts", "approve", "emergency", "--language", "xx", "--as", "lead@demo.example"), "unknown-language"),
        (("texts", "approve", "nothing", "--language", "ur", "--as", "lead@demo.example"), "unknown-text"),
        (("texts", "approve", "--all", "--language", "ur", "--as", "partner@demo.example"), "not-allowed"),
        (("criteria", "sign", "nothing", "--practice", "STATION", "--as", "lead@demo.example"), "unknown-criteria"),
        (
            ("criteria", "sign", "cold-home-respiratory", "--practice", "NOWHERE", "--as", "lead@demo.example"),
            "unknown-practice",
        ),
        (("criteria", "sign", "cold-home-respiratory", "--practice", "STATION"), "who-signs"),
        (
            ("criteria", "sign", "cold-home-respiratory", "--practice", "STATION", "--as", "practice@demo.example"),
            "not-allowed",
        ),
    ],
)
def test_what_is_not_there_or_not_allowed_is_refused_by_code(
    console: Console, words: tuple[str, ...], code: str
) -> None:
    assert console.refusal(*words) == code


@pytest.mark.parametrize(
    "words",
    [
        ("nothing",),
        ("campaign", "status", "one"),
        ("campaign", "status"),
        ("partners", "places", "CAB", "many"),
        ("users", "add", "a@example.org", "--role", "king"),
        ("messages", "list", "--direction", "sideways"),
        ("patients", "import", "no-such-file.csv", "--practice", "STATION"),
        ("patients", "import", ".", "--practice", "STATION"),
        ("texts", "approve", "--language", "ur", "--as", "lead@demo.example"),
        ("texts", "approve", "emergency", "--all", "--language", "ur", "--as", "lead@demo.example"),
        ("replies", "read", "--language", "xx", "yes"),
        ("replies", "read", "--question", "nothing", "yes"),
        ("practices", "add", NOT_UTF8, "--name", "A practice"),
        ("practices", "add", "ODD", "--name", NOT_UTF8),
        ("texts", "count", NOT_UTF8),
        ("worker", "--concurrency", "0"),
        ("simulator", "--port", "70000"),
    ],
)
def test_wrong_usage_is_told_on_stderr_with_status_2(embedded: Console, words: tuple[str, ...]) -> None:
    assert "Error: " in embedded.misuse(*words)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("", "A practice"),
        ("   ", "A practice"),
        ("N" * 33, "A practice"),
        ("NEW\nLINE", "A practice"),
        ("NEW\u202e", "A practice"),
        ("NEW", ""),
        ("NEW", "  "),
        ("NEW", "long " * 100),
        ("NEW", "two\nlines"),
    ],
)
def test_an_organisation_needs_a_code_and_a_name_that_can_be_read(embedded: Console, code: str, name: str) -> None:
    assert embedded.refusal("practices", "add", code, "--name", name) == "bad-practice"
    new = ("partners", "add", code, "--name", name, "--places", "3", "--practice", "STATION")
    assert embedded.refusal(*new) == "bad-partner"


@pytest.mark.parametrize("code", ["Ünïcødé", "د", "'; DROP TABLE patient;--", "A B", "%s{}\\"])
def test_a_strange_code_is_only_a_code(console: Console, code: str) -> None:
    assert console.ask("practices", "add", code, "--name", 'O\'Brien & "Söhne"') == {"code": code}
    assert console.ask("practices", "add", code, "--name", 'O\'Brien & "Söhne"') == {"code": code}
    assert console.lines("patients", "list", "--practice", code) == []


@pytest.mark.parametrize("places", ["-3", "10001", HUGE])
def test_places_that_make_no_sense_are_refused(embedded: Console, places: str) -> None:
    new = ("partners", "add", "NEW", "--name", "New", "--practice", "STATION", "--places")
    assert embedded.refusal("partners", "places", "CAB", places) == "bad-places"
    assert embedded.refusal(*new, places) == "bad-places"


def test_a_phone_that_is_none_is_refused(embedded: Console) -> None:
    assert embedded.refusal("practices", "add", "NEW", "--name", "New", "--phone", "ring us") == "bad-phone"
    new = ("partners", "add", "NEW", "--name", "New", "--places", "3", "--practice", "STATION")
    assert embedded.refusal(*new, "--phone", "ring us") == "bad-phone"


def test_a_partner_is_linked_to_a_second_practice_and_keeps_its_places(console: Console) -> None:
    console.ask("practices", "add", "SECOND", "--name", "Second Practice")
    assert console.ask("partners", "places", "CAB", "31")["places"] == 31
    again = ("partners", "add", "CAB", "--name", "Citizens Advice", "--places", "5", "--practice", "SECOND")
    assert console.ask(*again) == console.ask(*again) == {"code": "CAB"}
    assert console.ask("partners", "places", "CAB", "30") | {"promoted": 0} == {
        "partner": "CAB",
        "places": 30,
        "free": 30,
        "promoted": 0,
    }


def test_only_the_partner_itself_or_the_console_sets_places(console: Console) -> None:
    assert console.ask("partners", "places", "CAB", "30", "--as", "PARTNER@demo.example")["free"] == 30
    assert console.refusal("partners", "places", "CAB", "30", "--as", "lead@demo.example") == "not-allowed"


def test_an_invited_person_gets_a_link_and_asking_again_gives_another(console: Console) -> None:
    words = ("users", "add", "New.Person@Example.org", "--role", "lead", "--organisation", "STATION")
    first, second = console.ask(*words), console.ask(*words)
    assert (first["email"], first["role"]) == ("new.person@example.org", "lead")
    assert first["link"].startswith(f"{console.world.url}/set-password/")
    assert first["link"] != second["link"]
    other = console.ask("users", "add", "new.person@example.org", "--role", "partner", "--organisation", "CAB")
    assert other["role"] == "partner"
    assert other["link"] not in (None, first["link"], second["link"])


def test_who_has_a_password_gets_another_role_and_no_link(console: Console) -> None:
    words = ("users", "add", "admin@demo.example", "--role", "reviewer")
    for _ in range(2):
        assert console.ask(*words) == {"email": "admin@demo.example", "role": "reviewer", "link": None}
    assert "signs in as before" in console.run(*words).out


def test_practices_and_partners_are_listed_changed_and_unlinked(console: Console) -> None:
    console.ask("practices", "add", "WEST", "--name", "West Practice", "--sender", "+44 1632 960007")
    changed = {"code": "WEST", "name": "Westhill Practice", "phone": "+441632960111"}
    assert console.ask("practices", "change", "WEST", "--name", changed["name"], "--phone", "01632 960111") == changed
    assert (
        changed.items() <= next(line for line in console.lines("practices", "list") if line["code"] == "WEST").items()
    )
    console.ask("partners", "add", "SHED", "--name", "Shed", "--places", "3", "--practice", "WEST")
    console.ask("partners", "add", "SHED", "--practice", "STATION")
    assert console.ask("partners", "change", "SHED", "--name", "Men's Shed")["name"] == "Men's Shed"
    line = {"code": "SHED", "name": "Men's Shed", "phone": None, "places": 3}
    assert line | {"practices": ["STATION", "WEST"]} in console.lines("partners", "list")
    console.ask("campaign", "plan", "--practice", "WEST", "--purpose", "fuel-poverty", "--partner", "SHED")
    assert console.refusal("partners", "unlink", "SHED", "--practice", "WEST") == "still-in-use"
    assert console.ask("partners", "unlink", "SHED", "--practice", "STATION")["practices"] == ["WEST"]


def test_a_code_of_another_kind_is_taken(embedded: Console) -> None:
    assert embedded.refusal("practices", "add", "CAB", "--name", "Cable Street") == "code-taken"
    new = ("partners", "add", "STATION", "--name", "A", "--places", "3", "--practice", "STATION")
    assert embedded.refusal(*new) == "code-taken"


@pytest.mark.parametrize("role", ["reviewer", "interpreter", "admin"])
def test_every_role_can_be_invited(embedded: Console, role: str) -> None:
    words = ("users", "add", f"{role}@example.org", "--role", role, "--organisation", "STATION")
    assert embedded.ask(*words)["role"] == role


@pytest.mark.parametrize(
    "words",
    [
        ("practices", "add", "MINE", "--name", "Mine"),
        ("partners", "add", "OURS", "--name", "Ours", "--places", "3", "--practice", "STATION"),
        ("users", "add", "friend@example.org", "--role", "admin"),
    ],
)
def test_only_an_administrator_adds_organisations_and_accounts(console: Console, words: tuple[str, ...]) -> None:
    for person in ("lead", "practice", "partner"):
        assert console.refusal(*words, "--as", f"{person}@demo.example") == "not-allowed"
    assert console.ask(*words, "--as", "admin@demo.example")


def test_criteria_of_a_new_practice_are_signed_by_lead_and_partner_and_twice_is_once(console: Console) -> None:
    console.ask("practices", "add", "SIGNS", "--name", "Signs")
    console.ask("partners", "add", "SIGNER", "--name", "Signer", "--places", "3", "--practice", "SIGNS")
    console.ask("users", "add", "l@signs.example", "--role", "lead", "--organisation", "SIGNS")
    console.ask("users", "add", "p@signs.example", "--role", "partner", "--organisation", "SIGNER")
    sign = ("criteria", "sign", "cold-home-respiratory", "--practice", "SIGNS", "--as")
    for email in ("l@signs.example", "l@signs.example", "p@signs.example"):
        assert console.ask(*sign, email)["version"] == 1
    assert console.refusal(*sign, "lead@demo.example") == "not-allowed"
    assert console.refusal(*sign, "partner@demo.example") == "not-allowed"


def test_the_numbers_of_a_plan_add_up_and_nothing_is_sent(console: Console) -> None:
    before = console.lines("messages", "list")
    plan = console.ask(*PLAN, "--criteria", "cold-home-respiratory", "--as", "lead@demo.example")
    excluded = plan["excluded"]
    assert list(excluded) == [
        "no-condition",
        "under-age",
        "deceased",
        "not-registered",
        "no-mobile",
        "shared-phone",
        "unsafe-phone",
        "texting-refused",
        "opted-out",
    ]
    people = len(console.lines("patients", "list", "--practice", "STATION"))
    assert plan["matched"] + excluded["no-condition"] == people
    assert plan["cohort"] + sum(excluded.values()) == people
    assert sum(plan["by_language"].values()) == sum(plan["wording"].values()) == plan["cohort"]
    assert set(plan["parts"]) == set(plan["by_language"])
    assert "ur" in plan["draft_languages"]
    assert console.lines("messages", "list") == before


def test_a_campaign_is_held_resumed_and_stopped_with_numbers_that_add_up(console: Console) -> None:
    campaign = str(console.ask(*PLAN)["campaign"])
    assert console.refusal("campaign", "approve", campaign, "--as", "practice@demo.example") == "not-allowed"
    batch = console.ask("campaign", "approve", campaign, "--as", "lead@demo.example")
    assert (batch["batch"], batch["size"], batch["limited_by"]) == (1, 73, "places")
    status = console.ask("campaign", "status", campaign)
    assert status["waiting"] == status["cohort"] - 73
    assert status["batches"] == [{"batch": 1, "size": 73, "messages": {"queued": 73}, "parts": batch["parts"]}]
    assert (status["silent"], set(status["replies"].values()), set(status["referrals"].values())) == (0, {0}, {0})
    assert list(status["referrals"]) == ["waiting", "sent", "accepted", "full", "closed", "withdrawn"]
    for _ in range(2):
        held = console.ask("campaign", "hold", campaign)
        assert (held["state"], held["held"]) == ("held", 73)
    assert console.refusal("campaign", "approve", campaign) == "campaign-held"
    assert console.ask("campaign", "resume", campaign)["held"] == 0
    messages = console.lines("messages", "list", "--campaign", campaign, "--direction", "out")
    assert len(messages) == 73
    assert all(message["created"].endswith("+00:00") for message in messages)
    assert set(messages[0]) >= MESSAGE_KEYS
    assert console.lines("messages", "list", "--campaign", campaign, "--direction", "in") == []
    assert console.ask("campaign", "stop", campaign)["state"] == "stopped"
    assert console.ask("campaign", "stop", campaign)["state"] == "stopped"
    for change in ("approve", "hold", "resume"):
        assert console.refusal("campaign", change, campaign) == "campaign-stopped"
    assert console.ask("campaign", "status", campaign)["batches"][0]["messages"] == {"cancelled": 73}


def test_without_json_people_read_a_refusal_on_stderr(embedded: Console) -> None:
    told = embedded.run("patients", "list", "--practice", "NOWHERE")
    assert (told.status, told.out) == (1, "")
    assert len(told.err.splitlines()) == 1


def test_without_json_people_read_sentences_and_tables(embedded: Console) -> None:
    told = [
        embedded.run(*words)
        for words in (
            ("demo", "load"),
            ("practices", "add", "STATION", "--name", "Station Practice"),
            ("partners", "places", "CAB", "30"),
            ("users", "add", "words@example.org", "--role", "admin"),
            ("criteria", "list"),
            ("criteria", "show", "cold-home-respiratory"),
            ("patients", "list", "--practice", "STATION"),
            PLAN,
            ("messages", "list"),
            ("texts", "list"),
            ("texts", "check"),
            ("texts", "show", "emergency", "--language", "ur"),
            ("texts", "count", "hello"),
            ("replies", "read", "ہاں"),
        )
    ]
    for done in told:
        assert (done.status, bool(done.out.strip())) == (0, True), done
        assert not done.out.startswith(("{", "["))


def test_texts_are_listed_shown_checked_and_approved(console: Console) -> None:
    listed = console.lines("texts", "list")
    assert all(set(text) >= {"text", "purpose", "slots", "cap", "languages"} for text in listed)
    check = console.ask("texts", "check")
    assert (check["problems"], check["texts"]) == ([], len(listed))
    console.ask("users", "add", "texts@example.org", "--role", "reviewer")
    assert console.ask("texts", "show", "help", "--language", "so")["approved"] is False
    console.ask("texts", "approve", "help", "--language", "so", "--as", "texts@example.org")
    shown = console.ask("texts", "show", "help", "--language", "so")
    assert shown["approved"] is True
    assert set(shown) == {"text", "language", "body", "parts", "approved"}
    assert "{" not in shown["body"]
    approve = ("texts", "approve", "--all", "--language", "so", "--as", "texts@example.org")
    first = console.ask(*approve)
    assert len(first["approved"]) + len(first["needs"]) == len(listed) - 1
    assert console.ask(*approve)["approved"] == []
    assert console.ask("texts", "approve", "emergency", *approve[3:]) == {
        "approved": False, "needs": 1, "language": "so",
    }  # fmt: skip
    console.ask("users", "add", "second@example.org", "--role", "reviewer")
    assert set(console.ask(*approve[:-1], "second@example.org")["approved"]) == set(first["needs"])


def test_wordings_go_out_to_a_po_file_and_come_back(console: Console) -> None:
    file = console.world.folder / "so.po"
    listed = console.lines("texts", "list")
    assert console.ask("texts", "export", "so", str(file)) == {"texts": len(listed)}
    read = console.ask("texts", "import", str(file))
    assert set(read) == {"rows", "accepted", "fixed", "rejected", "duplicates", "stored", "problems"}
    assert (read["rows"], read["duplicates"], read["stored"]) == (len(listed), len(listed), 0)
    states = console.lines("texts", "review", "--language", "so")
    assert {tuple(line) for line in states} == {("text", "language", "state", "people_waiting")}
    assert console.refusal("texts", "export", "xx", str(file)) == "unknown-language"
    file.write_text("no PO file")
    assert console.refusal("texts", "import", str(file)) == "not-po"


def test_parts_are_counted_a_line_at_a_time_and_a_bad_line_does_not_end_it(embedded: Console) -> None:
    assert embedded.ask("texts", "count", "") == {"encoding": "GSM-7", "units": 0, "parts": 0}
    assert embedded.ask("texts", "count", "ہ" * 71)["parts"] == 2
    lines = b'"hello"\n{}\n\xff\n"\\ud83d"\n"' + "€".encode() * 80 + b'"'
    done = embedded.run("texts", "count", stdin=lines)
    assert done.status == 1
    assert [line.get("parts", line.get("refused")) for line in done.lines] == [1, "not-json", "not-json", 1, 1]
    assert embedded.run("texts", "count", stdin=b"").status == 0


def test_replies_are_read_a_line_at_a_time_and_a_bad_line_does_not_end_it(embedded: Console) -> None:
    given = (
        '{"text":"1","language":"ur","question":"invitation"}\n{"text":"seene mein dard","language":null}\n'
        '{"text":"STOP","language":"xx"}\n{"text":"1","question":["a"]}\n{"text":1}\nnot json\n{"text":"\\ud83d"}\n'
    )
    done = embedded.run("replies", "read", stdin=given.encode())
    assert done.status == 1
    yes, urgent, *refused, odd = done.lines
    assert (yes["intent"], yes["to_person"]) == ("yes", False)
    assert (urgent["urgent"], urgent["to_person"]) == ("red", True)
    assert [line["refused"] for line in refused] == ["bad-line"] * 4
    assert odd["intent"] == "none"
    assert set(yes) >= READING_KEYS
    assert embedded.ask("replies", "read", "--language", "pl", "--question", "consent", "tak")["intent"] == "yes"


def test_what_one_command_prints_another_may_stop_reading(embedded: Console) -> None:
    listing = subprocess.Popen(
        [sys.executable, "-m", "bot", "patients", "list", "--practice", "STATION"],
        cwd=embedded.world.folder,
        env=embedded.world.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert listing.stdout is not None
    assert listing.stderr is not None
    assert listing.stdout.readline()
    listing.stdout.close()
    assert (listing.stderr.read(), listing.wait()) == (b"", 0)
