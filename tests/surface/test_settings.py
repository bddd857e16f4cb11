"""Settings: a bad value stops every start with the variable's name and what it should be."""

import pytest

from tests.surface.console import Console

LIVE = {
    "MODE": "live",
    "SECRET_KEY": "a-long-key-for-tests-and-of-no-value",
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": "a-token-for-tests-of-no-value",
    "TWILIO_FROM": "+441632960001",
}


@pytest.mark.parametrize(
    ("name", "value", "should"),
    [
        ("MODE", "production", "'demo' or 'live'"),
        ("PORT", "http", "integer"),
        ("PORT", "0", "1"),
        ("PORT", "65536", "65535"),
        ("SIMULATOR_PORT", "-1", "0"),
        ("SIMULATOR_PORT", "8000", "another port than PORT"),
        ("DATABASE_URL", "mysql://localhost/easy", "sqlite:///"),
        ("DATABASE_URL", "postgresql+psycopg2://localhost/easy", "postgresql+psycopg://"),
        ("DATABASE_URL", "postgresql+psycopg://localhost:port/easy", "postgresql+psycopg://"),
        ("DATABASE_URL", "easy-to-reach.db", "sqlite:///"),
        ("DATABASE_URL", "sqlite://", "name a file"),
        ("PUBLIC_URL", "texts.example.nhs.uk", "https://"),
        ("PUBLIC_URL", "http://[::1", "https://"),
        ("PUBLIC_URL", "https://texts.example.nhs.uk:https", "https://"),
        ("TWILIO_API_URL", "https://api.twilio.com", "a server on this machine"),
        ("TWILIO_API_URL", "http://localhost.example.org", "a server on this machine"),
        ("TWILIO_API_URL", "http://127.0.0.1@example.org", "a server on this machine"),
        ("TWILIO_FROM", "EasyReach", "+44"),
        ("SIMULATOR_ANSWERS", "sometimes", "'on' or 'off'"),
        ("TWILIO_OPT_OUT", "nobody", "'twilio' or 'ours'"),
        ("SEND_WINDOW", "8-20", "08:00-20:00"),
        ("SEND_WINDOW", "20:00-08:00", "08:00-20:00"),
        ("SEND_WINDOW", "08:00-24:01", "08:00-20:00"),
        ("SEND_DAYS", "funday", "mon-sat"),
        ("SEND_DAYS", "mondayish", "mon-sat"),
        ("SENDER_PARTS_PER_SECOND", "0", "greater than 0"),
        ("SENDER_PARTS_PER_SECOND", "nan", "1000"),
        ("LEASE_SECONDS", "inf", "86400"),
        ("RECONCILE_SECONDS", "-1", "greater than 0"),
        ("READING_SECONDS", "-1", "greater than or equal to 0"),
        ("TWILIO_TIMEOUT_SECONDS", "soon", "number"),
        ("LOG_LEVEL", "loud", "'info'"),
        ("LOG_FORMAT", "xml", "'json'"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_and_what_it_should_be(
    empty: Console, name: str, value: str, should: str
) -> None:
    for words in (("migrate",), ("texts", "show", "emergency", "--language", "en"), ("serve",)):
        done = empty.run(*words, **{name: value})
        assert (done.status, done.out) == (1, "")
        assert done.err.startswith(f"{name}: ")
        assert should in done.err
    assert list(empty.world.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("missing", "name"),
    [
        ("SECRET_KEY", "SECRET_KEY"),
        ("TWILIO_ACCOUNT_SID", "TWILIO_ACCOUNT_SID"),
        ("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN"),
        ("TWILIO_FROM", "TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM"),
    ],
)
def test_live_does_not_start_while_something_it_needs_is_missing(empty: Console, missing: str, name: str) -> None:
    environment = {key: value for key, value in LIVE.items() if key != missing}
    done = empty.run("migrate", **environment)
    assert (done.status, done.err) == (1, f"{name}: needed in live\n")


@pytest.mark.parametrize("address", [{"PUBLIC_URL": "http://texts.example.nhs.uk"}, {"HOST": "0.0.0.0"}])
def test_live_is_told_to_the_world_over_https_only(empty: Console, address: dict[str, str]) -> None:
    done = empty.run("migrate", **LIVE, **address)
    assert (done.status, done.err) == (1, "PUBLIC_URL: should begin with https:// in live\n")


@pytest.mark.parametrize(
    "environment",
    [
        {"MODE": " Demo "},
        {"LOG_LEVEL": "WARNING", "SEND_DAYS": "Monday-Thurs", "SEND_WINDOW": "9:00-17:30"},
        {"PORT": "", "SEND_DAYS": "", "TWILIO_FROM": "+44 1632 960001"},
        {"LEASE_SECONDS": "0.5", "RECONCILE_SECONDS": "0.5", "TWILIO_TIMEOUT_SECONDS": "2.5"},
        {"HOST": "::1"},
        LIVE,
        LIVE | {"PUBLIC_URL": "https://texts.example.nhs.uk", "HOST": "0.0.0.0"},
        LIVE | {"HOST": "0.0.0.0", "TWILIO_API_URL": "http://127.0.0.1:8001"},
    ],
)
def test_values_as_people_write_them_are_understood(empty: Console, environment: dict[str, str]) -> None:
    assert empty.run("migrate", **environment).status == 0


def test_a_setting_may_stand_in_the_env_file_and_the_environment_wins(empty: Console) -> None:
    env = empty.world.folder / ".env"
    env.write_text("PORT=http\n")
    assert empty.run("migrate").err.startswith("PORT: ")
    assert empty.run("migrate", PORT="8000").status == 0


def test_an_env_file_that_is_no_text_is_named(empty: Console) -> None:
    (empty.world.folder / ".env").write_bytes(b"\xff\xfe\0")
    done = empty.run("migrate")
    assert (done.status, done.err) == (1, ".env: should be a text file in UTF-8 that can be read\n")


def test_with_json_a_bad_setting_is_a_refusal(empty: Console) -> None:
    assert empty.refusal("texts", "show", "emergency", "--language", "en", MODE="production") == "bad-setting"


def test_a_database_that_is_not_set_up_or_not_there_is_said_in_one_sentence(empty: Console) -> None:
    words = ("patients", "list", "--practice", "STATION")
    assert empty.refusal(*words) == "not-migrated"
    assert empty.refusal(*words, DATABASE_URL="postgres://nobody@127.0.0.1:1/easy") == "no-database"
    (empty.world.folder / "letter.db").write_text("This is a letter and no database. " * 200)
    assert empty.refusal(*words, DATABASE_URL="sqlite:///letter.db") == "no-database"


def test_the_first_database_lies_under_var(empty: Console) -> None:
    assert empty.run("migrate").status == 0
    assert empty.run("migrate").status == 0
    assert (empty.world.folder / "var" / "easy-to-reach.db").exists()
