"""The application, with accounts whose browsers are signed in already."""

from tests.campaigns.conftest import Browser, app, browser

__all__ = ["Browser", "app", "browser"]
