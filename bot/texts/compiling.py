"""Turns the PO files of the texts into the compiled catalogues that are read when a text is sent."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from bot.texts.wording import DOMAIN, WordingError


def _compile(po_path: Path) -> None:
    try:
        with po_path.open("rb") as po_file:
            entries = read_po(po_file, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise WordingError(f"{po_path.parts[-3]}/{po_path.name} cannot be read: {error}.") from error
    unfinished = po_path.with_suffix(".mo.part")
    with unfinished.open("wb") as mo_file:
        write_mo(mo_file, entries, use_fuzzy=True)
    unfinished.chmod(0o644)  # may be compiled by one user and read by another; there is nothing secret in it
    unfinished.replace(po_path.with_suffix(".mo"))


def compile_wordings(locales_dir: Path) -> int:
    """Compile every language under `locales_dir`, drafts (fuzzy entries) too, and return how many there were.

    A running service never sees half a file. Raises WordingError naming a PO file that cannot be read.
    """
    po_paths = sorted(locales_dir.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    for po_path in po_paths:
        _compile(po_path)
    return len(po_paths)
