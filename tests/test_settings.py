"""Settings: a bad value stops with the variable's name; live and demo differ here and nowhere else."""

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load_settings, session_secret

LIVE = {
    "MODE": "live",
    "SECRET_KEY": "a-long-secret-for-tests-of-no-value",
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_FROM": "+441632960001",
    "PUBLIC_URL": "https://texts.example.org",
}


@pytest.fixture(autouse=True)
def clean(settings: Settings) -> Settings:
    """Nothing from the machine's environment, and a folder without `.env`."""
    return settings


def with_environment(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return load_settings()


BAD = {
    "MODE": ["production", "demo live"],
    "DATABASE_URL": ["mysql://localhost/x", "nonsense", "easy-to-reach.db"],
    "PORT": ["0", "65536", "http", "-1"],
    "PUBLIC_URL": [
        *("texts.example.org", "ftp://texts.example.org", "https://"),
        *("https://a.example?b=c", "https://a.example#b", "https://a b.example"),
    ],
    "TWILIO_ACCOUNT_SID": ["AC/../x", "AC 1", "ACé"],
    "TWILIO_AUTH_TOKEN": ["two words", "✓", "line\nbreak"],
    "TWILIO_MESSAGING_SERVICE_SID": ["+441632960001", "Station Practice"],
    "TWILIO_API_URL": ["127.0.0.1:8001", "https://api.twilio.com", "http://192.0.2.7:8001"],
    "SIMULATOR_PORT": ["-1", "65536", "x"],
    "SIMULATOR_ANSWERS": ["maybe"],
    "TWILIO_OPT_OUT": ["theirs"],
    "SECOND_OPINION": ["maybe", "1"],
    "SEND_WINDOW": ["8-20", "20:00-08:00", "08:00-25:00", "08:60-20:00", "08:00-08:00", "morning"],
    "REMIND_BEFORE": ["3", "0d", "3d;1d", "29d", "3 days", "d", "3d,"],
    "OFFER_HOLD_MINUTES": ["0", "4", "1441", "half an hour"],
    "DUTY_AGAIN": ["10", "0m", "25h", "soon"],
    "NOTICE_GATHER": ["10", "10 minutes", "-1m", "25h", "soon", "m"],
    "SEND_DAYS": ["weekdays", "mo", "mon-funday", "mon;tue"],
    "YOUTH_HOURS": ["15:30-20:00", "mon-fri", "mon-fri 20:00-15:30", "fun 10:00-16:00", "mon 9-5; sat", "always", ";"],
    "SENDER_PARTS_PER_SECOND": ["0", "-1", "ten", "1001", "nan", "inf"],
    "LEASE_SECONDS": ["0", "-1", "soon", "nan", "inf"],
    "RECONCILE_SECONDS": ["0", "-1", "soon", "nan", "inf"],
    "READING_SECONDS": ["-1", "soon", "nan", "601"],
    "TWILIO_TIMEOUT_SECONDS": ["0", "-1", "soon", "nan", "inf"],
    "LOG_LEVEL": ["loud"],
    "DEMO_FOR_ALL": ["maybe", "2"],
    "AUDIT_KEY": ["a", "x" * 31],
    "HOST": ["0.0.0.0", "::", "192.168.1.5", "practice.example", "127.0.0.1.example"],
    "LOG_FORMAT": ["xml"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_stops_with_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        with_environment(monkeypatch, **{name: value})
    assert str(refused.value).startswith(f"{name}: ")
    assert len(str(refused.value).splitlines()) == 1


def test_every_fault_has_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as refused:
        with_environment(monkeypatch, PORT="x", LOG_LEVEL="loud", SEND_DAYS="x")
    names = {line.split(":")[0] for line in str(refused.value).splitlines()}
    assert names == {"PORT", "LOG_LEVEL", "SEND_DAYS"}


def test_a_secret_is_not_repeated_in_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as refused:
        with_environment(monkeypatch, DATABASE_URL="mysql://user:the-password@localhost/x")
    assert "the-password" not in str(refused.value)


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    found = with_environment(monkeypatch, PORT="", MODE="", LEASE_SECONDS="")
    assert (found.port, found.mode, found.lease_seconds) == (8000, "demo", 60)


def test_a_file_called_env_is_read_and_the_environment_goes_before_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("PORT=8100\nLOG_LEVEL=debug\nUNKNOWN=1\n")
    found = with_environment(monkeypatch, PORT="8200")
    assert (found.port, found.log_level) == (8200, "debug")


@pytest.mark.parametrize(("value", "seconds"), [("10m", 600), ("90s", 90), ("2h", 7200), ("0s", 0), ("", 600)])
def test_how_long_notices_are_gathered(monkeypatch: pytest.MonkeyPatch, value: str, seconds: int) -> None:
    assert with_environment(monkeypatch, NOTICE_GATHER=value).notice_gather.total_seconds() == seconds


# Demo.


def test_the_demo_reaches_no_phone_and_sends_at_any_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    found = with_environment(monkeypatch)
    assert (found.live, found.rehearsal, found.test_numbers) == (False, False, True)
    assert found.api_url == "http://127.0.0.1:8001"
    assert found.base_url == "http://127.0.0.1:8000"
    assert found.window_minutes == (0, 24 * 60)
    assert found.send_every_day


def test_the_simulator_listens_next_to_the_service_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert with_environment(monkeypatch, PORT="21000").api_url == "http://127.0.0.1:21001"
    assert with_environment(monkeypatch, SIMULATOR_PORT="22000").api_url == "http://127.0.0.1:22000"


def test_the_demo_makes_its_secret_once_and_for_its_owner_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = with_environment(monkeypatch, DATABASE_URL=f"sqlite:///{tmp_path}/var/x.db")
    secret = session_secret(found)
    assert len(secret) >= 32
    assert session_secret(found) == secret
    assert (tmp_path / "var" / "secret-key").stat().st_mode & 0o077 == 0


# Live.


@pytest.mark.parametrize("missing", [name for name in LIVE if name != "MODE"])
def test_live_names_what_it_needs(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        with_environment(
            monkeypatch, HOST="0.0.0.0", **{name: value for name, value in LIVE.items() if name != missing}
        )


def test_live_sends_by_day_and_keeps_sundays_free(monkeypatch: pytest.MonkeyPatch) -> None:
    found = with_environment(monkeypatch, **LIVE)
    assert (found.live, found.rehearsal, found.test_numbers) == (True, False, False)
    assert found.api_url == "https://api.twilio.com"
    assert found.window_minutes == (8 * 60, 20 * 60)
    assert (found.sending_weekdays, found.send_every_day) == (frozenset(range(6)), False)
    assert found.json_logs


def test_live_on_this_machines_phone_network_is_a_rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    found = with_environment(monkeypatch, **LIVE, TWILIO_API_URL="http://127.0.0.1:8001")
    assert (found.live, found.rehearsal, found.test_numbers) == (True, True, True)


@pytest.mark.parametrize("url", ["http://texts.example.org", "http://192.0.2.7"])
def test_live_is_reached_by_https_only(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL"):
        with_environment(monkeypatch, **(LIVE | {"PUBLIC_URL": url}))


def test_a_messaging_service_can_be_the_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    service = {name: value for name, value in LIVE.items() if name != "TWILIO_FROM"}
    found = with_environment(monkeypatch, **service, TWILIO_MESSAGING_SERVICE_SID="MG1")
    assert (found.sender_service, found.sender_number) == ("MG1", None)


# What can be written in several ways.


@pytest.mark.parametrize("written", ["postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"])
def test_an_address_of_postgresql_is_understood_as_clouds_write_it(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    assert with_environment(monkeypatch, DATABASE_URL=written).database_url == "postgresql+psycopg://u@h/d"


def test_a_socket_in_place_of_a_host_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    written = "postgresql+psycopg://postgres:@/easy?host=/tmp/somewhere"
    assert with_environment(monkeypatch, DATABASE_URL=written).database_url == written


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("mon-sat", {0, 1, 2, 3, 4, 5}),
        ("tue,thu", {1, 3}),
        ("Tuesday, Thursday", {1, 3}),
        ("sat-mon", {5, 6, 0}),
        ("mon-wed,fri", {0, 1, 2, 4}),
        ("sun", {6}),
        ("ALL", set(range(7))),
    ],
)
def test_sending_days_are_a_range_or_a_list(monkeypatch: pytest.MonkeyPatch, written: str, days: set[int]) -> None:
    assert with_environment(monkeypatch, SEND_DAYS=written).sending_weekdays == days


def test_a_public_address_may_end_in_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    assert with_environment(monkeypatch, PUBLIC_URL="https://a.example/").base_url == "https://a.example"


def test_a_space_that_came_along_when_a_value_was_pasted_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    found = with_environment(
        monkeypatch,
        PUBLIC_URL=" https://a.example ",
        TWILIO_ACCOUNT_SID="AC1 ",
        TWILIO_AUTH_TOKEN="token\n",
        TWILIO_MESSAGING_SERVICE_SID=" MG1",
    )
    assert (found.base_url, found.account_sid, found.auth_tokens) == ("https://a.example", "AC1", ("token",))
    assert found.sender_service == "MG1"


def test_a_secret_of_spaces_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY: needed in live"):
        with_environment(monkeypatch, **(LIVE | {"SECRET_KEY": "  "}))


def test_while_a_token_changes_both_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    found = with_environment(monkeypatch, TWILIO_AUTH_TOKEN="new", TWILIO_AUTH_TOKEN_PREVIOUS="old")
    assert found.auth_tokens == ("new", "old")


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.0.0.1:1", "http://127.1.2.3:1", "http://[::1]:1"])
def test_these_addresses_are_this_machine(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert with_environment(monkeypatch, TWILIO_API_URL=url).api_url == url


@pytest.mark.parametrize("url", ["http://localhost.evil.example", "http://192.0.2.7", "http://10.0.0.1:8001"])
def test_a_server_elsewhere_is_refused_in_demo(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(SettingsError, match="TWILIO_API_URL"):
        with_environment(monkeypatch, TWILIO_API_URL=url)


@pytest.mark.parametrize("key", ["a", "short", "x" * 31, " " * 40 + "x"])
def test_a_short_key_does_not_start_live(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    with pytest.raises(SettingsError, match=r"SECRET_KEY: .*32 characters"):
        with_environment(monkeypatch, **(LIVE | {"SECRET_KEY": key}))
    assert with_environment(monkeypatch, **(LIVE | {"SECRET_KEY": "x" * 32})).live


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1"])
def test_the_demo_is_for_this_machine(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    assert with_environment(monkeypatch, HOST=host).host == host


def test_the_demo_is_for_others_only_when_that_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for word in ("0", "no", ""):
        with pytest.raises(SettingsError, match=r"HOST: .*DEMO_FOR_ALL=1"):
            with_environment(monkeypatch, HOST="0.0.0.0", DEMO_FOR_ALL=word)
    assert with_environment(monkeypatch, DEMO_FOR_ALL="1").demo_for_all
    assert not with_environment(monkeypatch, **(LIVE | {"DEMO_FOR_ALL": "0", "HOST": "0.0.0.0"})).demo_for_all


@pytest.mark.parametrize(
    ("value", "days"), [("3d,1d", (3, 1)), (" 1d, 7d ,3D", (7, 3, 1)), ("2d,2d", (2,)), ("none", ()), ("", (3, 1))]
)
def test_reminders_go_the_earliest_first(monkeypatch: pytest.MonkeyPatch, value: str, days: tuple[int, ...]) -> None:
    assert with_environment(monkeypatch, REMIND_BEFORE=value).reminder_days == days


@pytest.mark.parametrize(
    ("written", "monday", "saturday", "sunday"),
    [
        ("mon-fri 15:30-20:00; sat 10:00-16:00", ((930, 1200),), ((600, 960),), ()),
        ("Saturday 10:00-12:00", (), ((600, 720),), ()),
        ("mon-sun 16:00-18:00;mon 07:30-08:15", ((450, 495), (960, 1080)), ((960, 1080),), ((960, 1080),)),
        (" mon, tue  15:00-16:00 ", ((900, 960),), (), ()),
        ("", ((0, 1440),), ((0, 1440),), ((0, 1440),)),
    ],
)
def test_hours_for_the_young_are_days_and_hours_in_pieces(
    monkeypatch: pytest.MonkeyPatch, written: str, monday: object, saturday: object, sunday: object
) -> None:
    minutes = with_environment(monkeypatch, YOUTH_HOURS=written).youth_minutes
    assert [minutes.get(day, ()) for day in (0, 5, 6)] == [monday, saturday, sunday]


def test_live_writes_to_the_young_after_school(monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = with_environment(monkeypatch, **LIVE).youth_minutes
    assert minutes == {**dict.fromkeys(range(5), ((930, 1200),)), 5: ((600, 960),)}


def test_hours_for_the_young_have_to_leave_time_within_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    for window in ({"SEND_WINDOW": "08:00-15:30"}, {"SEND_DAYS": "sun"}):
        with monkeypatch.context() as only, pytest.raises(SettingsError, match="YOUTH_HOURS: should leave some time"):
            with_environment(only, YOUTH_HOURS="mon-fri 15:30-20:00", **window)
    assert with_environment(monkeypatch, **LIVE, SEND_WINDOW="08:00-15:00", SEND_DAYS="mon-fri").live


def test_settings_that_go_to_another_process_are_the_same_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list is read in a process of its own, which gets them as JSON."""
    ours = with_environment(monkeypatch, NOTICE_GATHER="90s", REMIND_BEFORE="2d")
    assert Settings(**ours.model_dump(mode="json")).model_dump() == ours.model_dump()
