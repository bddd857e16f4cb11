"""Passwords: Argon2 hashes, and what the National Cyber Security Centre advises about choosing one.

Length matters, composition rules do not, and what many people choose is refused
(NCSC, "Password administration for system owners").
"""

import re
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.refusals import Refused

SHORTEST, LONGEST = 12, 200
_COMMON = (
    "password",
    "passwort",
    "letmein",
    "welcome",
    "qwertyuiop",
    "qwerty",
    "asdfghjkl",
    "zxcvbnm",
    "iloveyou",
    "administrator",
    "admin",
    "monkey",
    "dragon",
    "football",
    "liverpool",
    "arsenal",
    "chelsea",
    "princess",
    "sunshine",
    "superman",
    "charlie",
    "abcdefghijkl",
    "changeme",
    "default",
    "correcthorsebatterystaple",
    "secret",
    "login",
    "trustno1",
    "whatever",
)
_OURS = ("easytoreach", "easy2reach")
_LEET = str.maketrans("013457@$!", "oleastasi")
_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """An Argon2id hash, with its parameters and salt."""
    return _hasher.hash(password)


def password_fits(password_hash: str | None, password: str) -> bool:
    """Whether a password is the right one; as slow without a hash as with one."""
    try:
        return _hasher.verify(password_hash or _nobodys_hash(), password[:LONGEST]) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))


def check_password(password: str, email: str) -> None:
    """Refuse a password that others would guess.

    :raises Refused: says what is wrong with it.
    """
    if len(password) < SHORTEST:
        raise Refused("password-short", f"Use at least {SHORTEST} characters. Three random words are a good choice.")
    if len(password) > LONGEST:
        raise Refused("password-long", f"Use at most {LONGEST} characters.")
    if _is_guessable(password, email):
        raise Refused(
            "password-common",
            "That password is easy to guess. Do not use your email address, the name of this service, a "
            "common password or a row of the same characters. Three random words are a good choice.",
        )


def _is_guessable(password: str, email: str) -> bool:
    folded, unmasked = _letters(password), _letters(password.casefold().translate(_LEET))
    own = [part for part in re.split(r"[\W_]+", email.split("@")[0].casefold()) if len(part) >= 4]
    if len(set(folded)) < 5 or _is_a_run(folded) or any(word in folded for word in (*_OURS, *own, _letters(email))):
        return True
    return _is_mostly_common(folded) or _is_mostly_common(unmasked)


def _letters(words: str) -> str:
    return re.sub(r"[\W_]+", "", words.casefold())


def _is_a_run(folded: str) -> bool:
    return folded in "abcdefghijklmnopqrstuvwxyz" * 2 or folded in "01234567890" * 4 or folded in "9876543210" * 4


def _is_mostly_common(folded: str) -> bool:
    """Whether little is left of it once the words everybody uses, and digits, are taken out."""
    rest = folded
    for word in _COMMON:
        rest = rest.replace(word, "")
    return len(re.sub(r"\d", "", rest)) < 4
