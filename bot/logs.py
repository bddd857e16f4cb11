"""Logs without people in them: no name, phone number or words of a text, whatever a caller passes."""

import logging
import re
import sys
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request

from bot.settings import Settings

_PERSONAL_KEYS = frozenset(
    ["phone", "body", "name", "text", "to", "from", "from_", "surname", "given_name", "nhs_number", "email"]
)
_PHONE = re.compile(r"(?<![\w.])(?:\+44|0044|44(?=7)|0)(?:[\s().-]*\d){9,10}(?!\w)")
_NHS_NUMBER = re.compile(r"(?<![\w.])\d{3}[ -]?\d{3}[ -]?\d{4}(?!\w)")

_QUIET = ("twilio.http_client", "apscheduler", "urllib3", "waitress", "alembic")
"""Libraries that would write down every request, some with whom it was for."""

_log = structlog.get_logger("web")


def without_personal_data(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop what is named like personal data and mask what looks like it."""
    return {key: _masked(value) for key, value in event.items() if key not in _PERSONAL_KEYS}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _NHS_NUMBER.sub("[number]", _PHONE.sub("[phone]", value))
    if isinstance(value, dict):
        return {key: _masked(inner) for key, inner in value.items() if key not in _PERSONAL_KEYS}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    return value


def set_up_logging(settings: Settings) -> None:
    """Send every log line of the process, the libraries' too, to stderr in the form that was asked for."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(settings, shared))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for library in _QUIET:
        logging.getLogger(library).setLevel(logging.WARNING)


def _formatter(settings: Settings, shared: list[structlog.typing.Processor]) -> logging.Formatter:
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.json_logs
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), timestamp_key="at", exception_formatter=structlog.dev.plain_traceback
        )
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            without_personal_data,
            last,
        ],
    )


def log_requests(app: Flask) -> None:
    """One line a request: method, the route's rule (never the address itself), status, milliseconds."""

    @app.before_request
    def begin() -> None:
        g.request_id = uuid.uuid4().hex[:12]
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        took = time.perf_counter() - g.get("began", time.perf_counter())
        rule = request.url_rule.rule if request.url_rule else "no such page"
        level = _log.debug if request.endpoint == "static" else _log.info
        level("request", method=request.method, rule=rule, status=response.status_code, ms=round(took * 1000, 1))
        response.headers.setdefault("X-Request-ID", g.get("request_id", ""))
        return response
