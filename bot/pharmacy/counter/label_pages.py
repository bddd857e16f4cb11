"""A label to print, of A6: the opaque code as a QR code and in letters, and nothing that tells who it is."""

import segno
from markupsafe import Markup
from werkzeug.wrappers import Response

from bot.patients.person_codes import show_code
from bot.web import render


def label_page(code: str, back: str) -> Response:
    """The label of a code; `back` is where the page leads when it is printed. It is not kept by any browser."""
    answer = render("pharmacy/label.html", code=show_code(code), picture=_picture(code), back=back)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _picture(code: str) -> Markup:
    """As sharp as the printer is; a quarter of it may be lost, as labels get rubbed. A hand scanner types the code."""
    drawn = segno.make_qr(code, error="q").svg_inline(border=4, light="#fff", omitsize=True)
    return Markup(drawn)  # noqa: S704 - drawn by the library, of rectangles alone
