"""The units and the proxies of docs/deploy name what there is, and have the limits of the service."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from bot.accounts.access import PUBLIC, open_to
from bot.bodies import limit_by_header
from bot.capabilities import PROCESSES
from bot.database import Database
from bot.http_server import HEADER_WITHIN
from bot.settings import Settings
from bot.web import largest_body, largest_of_programs
from tests.applications import application
from tests.factories import make_practice

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "docs" / "deploy"
UNIT, TARGET = DEPLOY / "easy-to-reach@.service", DEPLOY / "easy-to-reach.target"
UNITS = {"": 1, "k": 1024, "m": 1024**2, "KiB": 1024, "MiB": 1024**2}
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "UMask": "0077",
    "CapabilityBoundingSet": "",
    "User": "easy-to-reach",
}
ROOM = 2 * UNITS["m"]
"""By how much a proxy may let more through than the service takes."""


def settings_of(unit: Path) -> dict[str, str]:
    pairs = [line.partition("=") for line in unit.read_text().splitlines() if not line.startswith(("#", "["))]
    return {name: value for name, is_pair, value in pairs if is_pair}


def processes_of_the_procfile() -> dict[str, str]:
    """Name and command of each, without what is said to the environment."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    pairs = [line.split(": ", 1) for line in lines]
    return {name: re.sub(r"^([A-Z_]+=\S+ )*", "", command) for name, command in pairs}


def test_the_target_wants_every_process_of_the_procfile() -> None:
    processes = processes_of_the_procfile()
    assert processes.pop("release") == "python -m bot migrate"
    wanted = re.findall(r"easy-to-reach@(\w+)\.service", settings_of(TARGET)["Wants"])
    assert wanted == list(processes)
    assert set(wanted) <= {command.name for command in PROCESSES}
    start = settings_of(UNIT)["ExecStart"]
    for name, command in processes.items():
        assert start.replace("%i", name).endswith(f"/.venv/bin/{command}")


def test_the_unit_may_write_to_nothing_but_var() -> None:
    unit = settings_of(UNIT)
    assert {name: unit.get(name) for name in HARDENED} == HARDENED
    folder = unit["WorkingDirectory"]
    assert unit["ReadWritePaths"] == f"{folder}/var"
    assert unit["EnvironmentFile"] == f"{folder}/.env"
    assert unit["PartOf"] == TARGET.name


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    if not (verify := shutil.which("systemd-analyze")):
        pytest.skip("systemd is not here")
    (tmp_path / TARGET.name).write_text(TARGET.read_text())
    text = UNIT.read_text().replace("/opt/easy-to-reach/.venv/bin/python", sys.executable)
    units = [tmp_path / f"easy-to-reach@{name}.service" for name in ("web", "worker", "clock", "translator")]
    for unit in units:
        unit.write_text(text)
    done = subprocess.run(
        [verify, "verify", *units, tmp_path / TARGET.name], capture_output=True, text=True, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "easy-to-reach" in line]) == (0, [])


def size(words: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(\w*)", words).groups()  # type: ignore[union-attr]
    return int(number) * UNITS[unit]


def nginx_sizes() -> dict[str, int]:
    """How much nginx lets through, by the pattern of each location; the last that takes an address counts."""
    text = (DEPLOY / "nginx.conf").read_text()
    default = size(re.search(r"^  client_max_body_size (\w+);", text, re.MULTILINE)[1])  # type: ignore[index]
    sizes = {}
    for kind, pattern, inside in re.findall(r"location (= |~ )?(\S+) \{(.*?)\n  \}", text, re.DOTALL):
        found = re.search(r"client_max_body_size (\w+);", inside)
        exact = {"= ": f"^{pattern}$", "~ ": pattern}.get(kind, f"^{pattern}")
        sizes[exact] = size(found[1]) if found else default
    return sizes


def caddy_sizes() -> dict[str, int]:
    text = (DEPLOY / "Caddyfile").read_text()
    named = dict(re.findall(r"^\t(@\w+) path_regexp (\S+)$", text, re.MULTILINE))
    sizes = {}
    for matcher, inside in re.findall(r"^\thandle ?(\S*) \{(.*?)\n\t\}", text, re.DOTALL | re.MULTILINE):
        found = re.search(r"max_size (\w+)", inside)
        pattern = named.get(matcher) or f"^{matcher.replace('*', '.*')}$"
        sizes[pattern if matcher else "^/"] = size(found[1]) if found else 0
    return {"^/": sizes.pop("^/")} | sizes


def through(sizes: Mapping[str, int], path: str) -> int:
    return [allowed for pattern, allowed in sizes.items() if re.search(pattern, path)][-1]


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    make_practice(db)
    return application(settings, db)


def address(rule: Rule) -> str:
    return re.sub(r"<[^>]+>", "1", rule.rule)


@pytest.mark.parametrize("sizes", [nginx_sizes(), caddy_sizes()], ids=["nginx", "caddy"])
def test_a_proxy_lets_through_what_the_service_takes_and_hardly_more(app: Flask, sizes: dict[str, int]) -> None:
    posts = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert len(posts) > 20
    for rule in posts:
        view = app.view_functions[rule.endpoint]
        public = open_to(view) == PUBLIC
        taken = largest_of_programs(view) if public else largest_body(view)
        for path in (address(rule), f"/for/STATION{address(rule)}"):
            if not path.startswith("/for/STATION/twilio/"):
                assert taken <= through(sizes, path) <= taken + ROOM, path
    strangers = limit_by_header(app)({"REQUEST_METHOD": "POST", "PATH_INFO": "/twilio/inbound"})
    assert through(sizes, "/twilio/inbound") == through(sizes, "/twilio/status/x") == strangers


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_a_proxy_hands_on_to_our_port_and_shows_no_figures(name: str) -> None:
    text = (DEPLOY / name).read_text()
    default = Settings.model_fields
    asked = re.findall(r"(?:proxy_pass http://|reverse_proxy )(\S+?);?$", text, re.MULTILINE)
    assert set(asked) == {f"{default['host'].default}:{default['port'].default}"}
    assert "TRUSTED_PROXIES=1" in text
    assert re.search(r"/metrics \{\s+(deny all|respond 403)", text)
    assert f"{HEADER_WITHIN:.0f}s" in text


def test_nginx_and_caddy_understand_them(tmp_path: Path) -> None:
    nginx, caddy, openssl = map(shutil.which, ("nginx", "caddy", "openssl"))
    if not (nginx and openssl) and not caddy:
        pytest.skip("neither nginx nor caddy is here")
    if nginx and openssl:
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        words = f"req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=x -keyout {key} -out {certificate}"
        subprocess.run([openssl, *words.split()], check=True, capture_output=True)
        ours = re.sub(r"(ssl_certificate_key) \S+;", rf"\1 {key};", (DEPLOY / "nginx.conf").read_text())
        ours = re.sub(r"(ssl_certificate) \S+;", rf"\1 {certificate};", ours)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        folders = " ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
        (tmp_path / "nginx.conf").write_text(
            f"pid {tmp_path}/pid; events {{}} http {{ access_log off; {folders} {ours} }}"
        )
        subprocess.run([nginx, "-t", "-c", tmp_path / "nginx.conf"], check=True)
    if caddy:
        subprocess.run([caddy, "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"], check=True)
