"""The simulator as a Flask application of its own. The service never imports it: they speak HTTP."""

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from bot.simulator import control, pages, rest
from bot.simulator.config import SimulatorConfig
from bot.simulator.network import Network

_ROOT = Path(__file__).parents[2]


def create_simulator(config: SimulatorConfig) -> Flask:
    """Build the application around its network, found in `app.extensions["network"]` and not yet started."""
    app = Flask(__name__, template_folder=str(_ROOT / "templates"))
    # A foreign name that resolves to this machine is no way in.
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost", "[::1]"]
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.extensions["network"] = Network(config)
    app.before_request(_refuse_foreign_pages)
    app.after_request(_add_security_headers)
    app.register_error_handler(HTTPException, _explain)
    for blueprint in (rest.blueprint, control.blueprint, pages.blueprint):
        app.register_blueprint(blueprint)
    return app


def _refuse_foreign_pages() -> None:
    """A page of another site must not drive the phones. Scripts send neither header and may."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "none")
    same_origin = origin is None or urlsplit(origin).netloc == request.host
    if not same_origin or site not in ("same-origin", "none"):
        abort(403, "This request comes from another website. Use the simulator's own page.")


def _add_security_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'; form-action 'self'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _explain(error: HTTPException) -> ResponseReturnValue:
    if request.path.startswith("/control/"):
        return {"error": error.description}, error.code or 500
    return error
