"""The open clinic as one of the capabilities of the process, for as long as a test lasts."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot import capabilities, capability
from tests.open_clinic import inviting


@contextmanager
def open_clinic() -> Iterator[None]:
    """It is there, without times yet."""
    before, named = capability.in_use().packages, capabilities.CAPABILITIES
    capabilities.CAPABILITIES = (*named, "tests.open_clinic")
    capability.use(capabilities.CAPABILITIES)
    inviting.forget()
    try:
        yield
    finally:
        capabilities.CAPABILITIES = named
        capability.use(before)
