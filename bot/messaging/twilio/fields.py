"""Fields of a webhook, as far as a database can keep them."""


def storable(value: str) -> str:
    """Without the NUL that PostgreSQL refuses, and with `?` for halves of characters that no encoding has."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()
