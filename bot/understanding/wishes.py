"""What people ask for besides an answer: an appointment, a call, a language, or to tell us the number is not theirs.

A wrong number is acted on at once, so it is the strictest: "who is this?" asks, and goes to a person.
"""

from dataclasses import replace

from bot.understanding.intents import bits_of
from bot.understanding.language_names import ENGLISH, misspelt
from bot.understanding.lexicon import Meaning, lexicon, without
from bot.understanding.reply import WISHES, Interpretation, Reply, doubt, interpreted
from bot.understanding.sensing import sense_of
from bot.understanding.word_lists import Words

_LONGEST_WISH = 14
_LONGEST_WRONG_NUMBER = 8
_MOST_AROUND_WRONG_NUMBER = 4
_LONGEST_NAME = 3
_FORM_OF_ADDRESS = 2
_BESIDE_A_NAME = bits_of("wrong number person message send call mine me who ask past filler")


def language_named(reply: Reply) -> Interpretation | None:
    """The name of a language, alone or with "I speak", "in ... please"."""
    left = reply.names.left
    if reply.question and reply.question.of_languages:  # the line of the menu sent back: "3 اردو"
        left = tuple(word for word in left if not word.isdecimal())
    if left or len(reply.words) > _LONGEST_WISH or lexicon().senses(reply.words, "yes"):
        return None
    refused = reply.meaning(reply.words, ("no",))
    if refused is not None and refused.languages & reply.own:
        return None  # "hindi" is "no" in Tagalog
    return _naming(reply, reply.names.tags, "language-named", 0.95)


def language_in_sentence(reply: Reply) -> Interpretation | None:
    """One language named beside a wish for it and other words: "the interpreter last time was bad, I speak Tamil"."""
    if len(reply.words) > _LONGEST_WISH or reply.asks:
        return None
    found = reply.names
    several = len(found.names) > 1 and ENGLISH not in found.names
    denied = any(lexicon().marked((word,), "contrast", reply.own | {"en"}) for word in found.left)
    if not found.asked_for or several or denied or found.tags <= {"en"}:
        return None
    return _naming(reply, found.tags, "language-in-sentence", 0.85)


def language_misspelt(reply: Reply) -> Interpretation | None:
    """A word that no list knows and that a slip or two part from the name of a language, with nothing else said."""
    found = reply.names
    if len(found.left) != 1 or found.names or len(reply.words) > _LONGEST_WISH:
        return None
    return _naming(reply, misspelt(found.left[0]), "language-misspelt", 0.7)


def _naming(reply: Reply, tags: frozenset[str], rule: str, sure: float) -> Interpretation | None:
    """The languages a name may stand for; the recorded one, if it is among them, is meant."""
    meant = tags & {reply.recorded} or tags
    return Interpretation("language", rule, " ".join(reply.core), sure, None, frozenset(meant)) if meant else None


def another_person(reply: Reply) -> Interpretation | None:
    """ "I am not Mrs Khan", with a name told by its capital, and nothing else but whose number it is.

    Where no capital shows, a person reads it.
    """
    clauses = [without(tuple(clause), "polite", reply.polite_languages) for clause in reply.clauses]
    if reply.urgent or (reply.asks and len(clauses) == 1):
        return None
    for place, clause in enumerate(clauses):
        found = _not_of_that_name(reply, clause)
        others = tuple(word for other in clauses[:place] + clauses[place + 1 :] for word in other)
        if found is not None and _about_the_number(reply, others):
            return found
    return None


def _not_of_that_name(reply: Reply, words: Words) -> Interpretation | None:
    for language in sorted(reply.own | {"en"}):
        for phrase in lexicon().not_named.get(language, ()):
            if _is_name(reply, _where_name_stands(phrase, words)):
                languages = frozenset({language})
                return Interpretation("wrong_number", "another-name", " ".join(phrase), 0.8, None, languages)
    return None


def _about_the_number(reply: Reply, words: Words) -> bool:
    """Whether the other clauses say no more than "wrong number" and "who gave you this number"."""
    return not words or sense_of(words, reply.own | {"en"}).only(_BESIDE_A_NAME)


def asks_who(reply: Reply) -> Interpretation | None:
    """ "Who is this?" in a clause of its own, beside no answer and no wish: they are told who we are."""
    for clause in reply.clauses:
        words = without(tuple(clause), "polite", reply.polite_languages)
        meant = reply.meaning(words, ("who",))
        if meant is not None and not _says_more(reply):
            return interpreted(meant, "who-asked", 0.9)
    return None


def _says_more(reply: Reply) -> bool:
    others = without(reply.words, "who", None)
    answers = any(reply.opening(others[place:], ("yes", "no", "stop", "start")) for place in range(len(others)))
    wishes = (reply.opening(others[place:], WISHES) for place in range(len(others)))
    wants = any(meant is not None and not _by_chance(reply, meant) for meant in wishes)
    return len(reply.words) > _LONGEST_WISH or answers or wants


def wish(reply: Reply) -> Interpretation | None:
    """A wish anywhere in a reply of ordinary length, not denied, and one alone."""
    if len(reply.words) > _LONGEST_WISH:
        return None
    found: dict[str, Meaning] = {}
    for start in range(len(reply.words)):
        meant = reply.opening(reply.words[start:], WISHES)
        if meant is not None and not _by_chance(reply, meant) and not _denied(reply, start, meant):
            found.setdefault(meant.key, meant)
    if "wrong_number" in found:
        return _wrong_number(reply, found["wrong_number"])
    return _read_by_a_person_too(reply, _the_one_meant(found))


def _read_by_a_person_too(reply: Reply, given: Interpretation | None) -> Interpretation | None:
    """Another language can be offered by a machine, but not when the rest of the reply is one that nobody knows."""
    if given is None or given.intent != "language":
        return given
    return replace(given, to_person=not reply.knows(reply.words, reply.own | given.languages | {"en"}))


def _by_chance(reply: Reply, meant: Meaning) -> bool:
    """One word of a long reply, or one word of a language that is not the person's: "boli" hurts and is a speech."""
    stranger = not meant.languages & (reply.own | {"en"})
    return len(meant.words) == 1 and len(reply.core) > (1 if stranger else 3)


def _the_one_meant(found: dict[str, Meaning]) -> Interpretation | None:
    """One wish of those found: an appointment is often named beside what is wanted of it."""
    if "language" in found:
        found = {"language": found["language"]}
    elif len(found) == 2:
        found.pop("book", None)
    if len(found) > 1:
        return doubt("several-wishes", found)
    return next((interpreted(meant, "wish-in-sentence", 0.85) for meant in found.values()), None)


def _wrong_number(reply: Reply, meant: Meaning) -> Interpretation:
    around = without(reply.core, "wrong_number", None)
    hedged = reply.hedged(around) and not reply.is_a_clause(meant.words)
    long = len(reply.words) > _LONGEST_WRONG_NUMBER or len(around) > _MOST_AROUND_WRONG_NUMBER
    known = len(around) <= _FORM_OF_ADDRESS or reply.knows(around, reply.own | meant.languages | {"en"})
    if reply.asks or hedged or long or not known or reply.pleads(around, meant.languages):
        return doubt("wrong-number-in-sentence", meant.words)
    return interpreted(meant, "wish-in-sentence", 0.85)


def _denied(reply: Reply, start: int, meant: Meaning) -> bool:
    end = start + len(meant.words)
    beside = (reply.words[max(start - 1, 0) : start], reply.words[end : end + 1])
    return any(span and lexicon().marked(span, "contrast", reply.own | {"en"}) for span in beside)


def _where_name_stands(phrase: Words, words: Words) -> Words:
    """The words in the place of NAME, or none when the rest of the phrase is not around them."""
    place = phrase.index("name")
    before, after = phrase[:place], phrase[place + 1 :]
    end = len(words) - len(after)
    return words[place:end] if words[:place] == before and words[end:] == after else ()


def _is_name(reply: Reply, words: Words) -> bool:
    """Whether each word has a capital and small letters, and stands under a "Mrs" or is an ordinary word in no list."""
    titled = reply.titled()
    address = sense_of(words[:_FORM_OF_ADDRESS], reply.own | {"en"})
    titles = [word for word in words[:_FORM_OF_ADDRESS] if address.any("person") and word not in address.unexplained]
    name = words[len(titles) :]
    unknown = all(word in titled and (titles or not lexicon().is_ordinary(word)) for word in name)
    return 0 < len(name) <= _LONGEST_NAME and unknown
