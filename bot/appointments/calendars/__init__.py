"""Calendars at a secret address."""
