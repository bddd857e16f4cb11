"""Cervical screening: whom a practice may invite to a test that its list says is due."""
