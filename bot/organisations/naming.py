"""What a practice or a partner is called, and the number people may ring."""

import phonenumbers

from bot.refusals import Refused
from bot.tables.organisations import Partner, Practice

LONGEST_CODE, LONGEST_NAME = 32, 100  # characters; a name stands in every text


def read_code_and_name(kind: str, code: str, name: str) -> tuple[str, str]:
    """The code and the name of a practice or partner, without spaces around them.

    :param kind: `practice` or `partner`.
    :raises Refused: one of them is empty, too long, or holds a line break or another sign that cannot be seen.
    """
    code, name = code.strip(), name.strip()
    # A code without a letter or digit, such as "-" or "..", means something else in an address.
    if _usable(code, LONGEST_CODE) and _usable(name, LONGEST_NAME) and any(char.isalnum() for char in code):
        return code, name
    raise Refused(
        f"bad-{kind}",
        f"{_a(kind)} needs a code of at most {LONGEST_CODE} letters or digits, "
        f"and a name of at most {LONGEST_NAME}, each on one line.",
    )


def _a(kind: str) -> str:
    return f"{'An' if kind[0] in 'aeio' else 'A'} {kind}"


def rename(organisation: Practice | Partner, kind: str, name: str | None, phone: str | None) -> None:
    """Give a practice or a partner another name or public phone; None leaves it as it is.

    :raises Refused: one of them cannot be used.
    """
    if name is not None:
        _, organisation.name = read_code_and_name(kind, organisation.code, name)
    if phone is not None:
        organisation.phone = read_public_phone(phone)


def _usable(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and text.isprintable()


def read_public_phone(written: str) -> str:
    """A phone number people may ring, in E.164.

    The library does not call the landlines kept for drama valid, so only the shape is checked.

    :raises Refused: it is not a phone number.
    """
    try:
        parsed = phonenumbers.parse(written, "GB")
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise Refused("bad-phone", f"{written} is not a phone number. It should look like 01632 960100.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
