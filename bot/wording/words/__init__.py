"""The lists by which replies are understood, read and mended by people who speak the language."""
