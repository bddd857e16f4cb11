"""What people ask of us who are at a loss: who we are and what this is, help with it, or another language.

They are told in a text what this is, and a person reads it too; a stop, a wish or an answer beside it is not lost.
"""

from bot.understanding.intents import BIT, bits_of
from bot.understanding.reply import Reply
from bot.understanding.sensing import Sense
from bot.understanding.wanted import Found, by_clause

_BESIDE_WHO = bits_of("who ask message send receive me number past person filler can")
_BESIDE_ENGLISH = bits_of("speak filler mine me wrong")
_OTHER_THAN_HELP = "cancel change other call stop remove interpreter wrong start"
_AT_A_LOSS = "ask if speak who"
_MOST_STRANGE_BESIDE_WHO = 3


def language(reply: Reply, sense: Sense) -> Found:
    """ "I do not speak English", "do you have an interpreter", "my English is poor, write in Polish"."""
    if _named_and_asked_for(reply, sense):
        return "language", True
    cannot = sense.has("not speak") and not sense.any("send message call visit book")
    denied = sense.denies("want interpreter", 1, 1) or sense.any("no past")
    wanted = sense.any("interpreter") and sense.any("want visit can speak me") and not denied
    kindly = not reply.asks or (sense.any("interpreter") and not sense.any("visit time come book past"))
    lost = sense.any("help who message") and not reply.names.names  # it is this text that they do not understand
    sure = (cannot or wanted) and not lost and not sense.any("ask if past")
    return ("language", True) if sure and kindly else None


def _named_and_asked_for(reply: Reply, sense: Sense) -> bool:
    """Whether "my English is poor", or "can you write in Polish": a language is named, and spoken of or asked for."""
    if not reply.names.names or sense.any("past visit book cancel change call stop remove") or sense.says_yes:
        return False
    own = sense.near("mine", "speak", 1, 1) or (sense.any("speak") and sense.only(_BESIDE_ENGLISH, but=1))
    asked = reply.names.tags - {"en"} and sense.any("speak send message interpreter") and sense.any("can want")
    return bool(own or asked) and not sense.denies("want", 1, 1)


def asks_only_who(reply: Reply, sense: Sense) -> Found:
    """ "What is this and who are you": they are told, where nothing else is said."""
    return ("help", True) if sense.any("who") and sense.only(_BESIDE_WHO) else None


def needs_help(reply: Reply, sense: Sense) -> Found:
    """ "I do not know how to answer, I need help": they are told what this is, and a person reads it.

    "I need help" alone may be a call for it; under a yes or no question the help may be what is offered.
    """
    offered = reply.question is not None and reply.question.yes_no
    at_a_loss = sense.any(_AT_A_LOSS) or sense.strange_beside("not")  # "I do not know"
    visit = sense.any("visit") and not sense.any("not ask")
    if offered or not at_a_loss or visit or sense.any(f"{_OTHER_THAN_HELP} no past have") or sense.says_yes:
        return None
    clauses = [one for one in by_clause(reply, sense.asked) if one.any("help")]
    denied = any(one.denies("want help", 2, 1) for one in clauses)
    return ("help", False) if clauses and not denied else None


def asks_what_this_is(reply: Reply, sense: Sense) -> Found:
    """ "Sorry, who is this, my son asked": they are told, and a person reads what else is said."""
    who = any(bits & BIT["who"] and not bits & BIT["filler"] for bits in sense.steps)
    about_us = sense.any("ask") and sense.any("message send") and not sense.any("not visit")
    lost = sense.has("not speak") and sense.any("message ask who") and not reply.names.names
    answers = sense.says_yes or (sense.any("no") and sense.any("want help agree have"))
    other = answers or sense.any(_OTHER_THAN_HELP) or (sense.any("visit") and sense.any("want book come"))
    few = len(sense.unexplained) <= max(_MOST_STRANGE_BESIDE_WHO, len(sense.steps) // 2)
    return ("help", False) if (who or about_us or lost) and few and not other else None
