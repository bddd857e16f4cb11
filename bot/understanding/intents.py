"""What replies are made of: some forty concepts, the same in every language, each a bit of a number.

Which words stand for which concept is data of each language (`locales/<folder>/intents.toml`), written as in the
tables of danger: `word` is any word that begins so, `=word` that word alone, two words are a unit. A name of several
concepts ("not-send") is for words that are all of them at once ("neposielajte").

`more` is "any more", `remove` takes somebody off a list, `number` is a number, name or list; `mine` says whose number
it is, `person` who is meant, `past` that something is done already, `ask` asks or deliberates ("when", "shall I"), `if`
makes a condition or puts off, and `filler` changes nothing ("I", "you", "for", "this").

`night` narrows a stop to a time ("at night", "so early", "on Sundays"); `because` opens a reason; `about` is whom or
what a wish is for, and why ("my son", "my knee", "on holiday"); `busy` is why a time does not suit ("I work"); `so`
closes a reason ("that is why"); `subject` is "I", with which many open another sentence and write no full stop; `now`
makes a no one of today ("for now", "at the moment"); `have` says that they have it already; `who` asks who we are,
what this is and means, whether it is real, what it costs, why it came and what to do with it.
"""

from functools import lru_cache

CONCEPTS = (
    *("not", "more", "stop", "send", "message", "receive", "remove", "number", "want", "come", "can", "book"),
    *(
        "visit",
        "change",
        "other",
        "time",
        "cancel",
        "wrong",
        "mine",
        "person",
        "call",
        "me",
        "yes",
        "no",
        "agree",
        "help",
    ),
    *("speak", "interpreter", "start", "ask", "if", "past", "filler"),
    *("night", "because", "about", "busy", "now", "have", "who", "so", "subject"),
)
BIT = {name: 1 << place for place, name in enumerate(CONCEPTS)}


@lru_cache(maxsize=256)
def bits_of(names: str) -> int:
    """The bits of concepts whose names are parted by spaces.

    :raises KeyError: there is no such concept.
    """
    return sum(BIT[name] for name in set(names.split()))
