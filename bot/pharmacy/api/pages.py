"""The whole of the API as one blueprint: whoever imports it has every view."""

from bot.pharmacy.api import notices_pages, people_pages
from bot.pharmacy.api.openapi_pages import api

__all__ = ["api", "notices_pages", "people_pages"]
