"""The least a webhook can be: check the signature or the key, insert a row or two, answer. And both sides' servers.

`python -m tests.benchmarks.bare ours|bare`, with DATABASE_URL and PORT set: waitress as `serve` has it on SQLite,
gunicorn as `web` has it on PostgreSQL.
"""

import sys
from hashlib import sha256
from hmac import compare_digest

from flask import Flask, Response, request
from sqlalchemy import Column, Integer, MetaData, String, Table, Text, bindparam, insert, select
from sqlmodel import col
from twilio.request_validator import RequestValidator
from waitress import create_server

from bot.app import create_app
from bot.bodies import limit_by_header
from bot.database import Database
from bot.http_server import make_servers
from bot.logs import set_up_logging
from bot.processes import WEB_THREADS
from bot.serving import THREADS, _Gunicorn, run_gunicorn
from bot.settings import Settings
from bot.tables.pharmacy import PharmacyKey

TABLE = Table(
    "bare_text",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("sid", String, nullable=False),
    Column("status", String),
    Column("phone", String),
    Column("body", Text),
)

_HASH = select(col(PharmacyKey.secret_hash)).where(col(PharmacyKey.public) == bindparam("public"))


def bare_app(settings: Settings, db: Database) -> Flask:
    """Both webhooks, as bare as can be."""
    app, validator = Flask(__name__), RequestValidator(settings.auth_token)

    @app.post("/twilio/inbound")
    @app.post("/twilio/status/<ref>")
    def keep(ref: str = "") -> Response:
        fields, url = request.form, settings.base_url + request.path
        if not validator.validate(url, fields, request.headers.get("X-Twilio-Signature", "")):
            return Response(status=403)
        row = {"sid": fields["MessageSid"], "status": fields.get("MessageStatus"), "phone": fields.get("From")}
        with db.write() as session:
            session.execute(insert(TABLE), row | {"body": fields.get("Body")})
        return Response(status=204)

    @app.post("/fhir/prescription-status-update")
    def keep_two() -> Response:
        public, secret = request.headers["Authorization"].removeprefix("Bearer etr_").split("_")
        task = request.get_json()["entry"][0]["resource"]
        rows = [{"sid": task["id"], "status": task["status"], "body": task["lastModified"]}] * 2
        with db.write() as session:
            kept = session.execute(_HASH, {"public": public}).scalar_one()
            if not compare_digest(sha256(secret.encode()).hexdigest(), kept):
                return Response(status=401)
            session.execute(insert(TABLE), rows)
        return Response(status=201)

    return app


class _BareGunicorn(_Gunicorn):
    def load_config(self) -> None:
        super().load_config()
        self.cfg.set("worker_class", "gthread")

    def load(self) -> Flask:
        return bare_app(self._settings, Database(self._settings.database_url, pool_size=THREADS))


def _serve(settings: Settings, *, ours: bool) -> None:
    set_up_logging(settings)
    db, place = Database(settings.database_url), {"host": settings.host, "port": settings.port}
    if ours:
        app = create_app(settings, db)
        make_servers(app, limit_by_header(app), WEB_THREADS, **place).run()
    else:
        create_server(bare_app(settings, db), threads=WEB_THREADS, **place).run()


def main(side: str) -> None:
    """Serve one side until a signal ends it."""
    settings = Settings()
    if settings.is_sqlite:
        _serve(settings, ours=side == "ours")
    elif side == "ours":
        run_gunicorn(settings)
    else:
        _BareGunicorn(settings).run()


if __name__ == "__main__":
    main(sys.argv[1])
