"""English classes that anybody may join: a prototype of the Universal Healthcare National Inquiry (3.2.4)."""

from sqlmodel import col

from bot.campaigns.capacity import places_of_the_partner
from bot.campaigns.consenting import ask_for_consent
from bot.partners.purposes import Purpose, PurposeTexts, ToldBack
from bot.patients.criteria import Criteria, younger_than
from bot.patients.eligibility import in_order
from bot.tables.patients import Patient

NAME = "english-classes"
NO_NEED = ("en", "bfi")
"""Recorded languages of people for whom these classes are not: English, and British Sign Language."""

CRITERIA = Criteria(
    name=NAME,
    version=1,
    title="People whose language is not English",
    description=(
        "Registered, alive, 18 or over, with a recorded language other than English or British Sign Language. "
        "Own mobile, on one person's record only. Texting not refused, not opted out."
    ),
    reasons=in_order(["no-language", "english-speaker", "under-age"]),
    own={
        "no-language": lambda _today: col(Patient.language).is_(None),
        "english-speaker": lambda _today: col(Patient.language).in_(NO_NEED),
        "under-age": younger_than(18),
    },
    unmatched=frozenset(["no-language", "english-speaker"]),
    words={
        "no-language": "No language is recorded",
        "english-speaker": "Speaks English or British Sign Language",
        "under-age": "Under 18",
    },
    who_match="have another language than English recorded",
    who_do_not="speak English, or have no language recorded",
)

ENGLISH_CLASSES = Purpose(
    name="english-classes",
    title="English classes",
    criteria=NAME,
    texts=PurposeTexts(
        invitation="english-classes-invitation",
        no_thanks="english-classes-no-thanks",
        consent="english-classes-consent",
        not_shared="english-classes-not-shared",
        referred="english-classes-referred",
        referred_no_phone="english-classes-referred-no-phone",
        waiting="english-classes-waiting",
        place_found="english-classes-place-found",
        partner_full="english-classes-partner-full",
    ),
    outcomes={
        "joined-class": "Joined a class",
        "on-waiting-list": "On the waiting list of a class",
        "other-class": "Goes to another class",
        "could-not-reach": "Could not reach the person",
        "not-wanted": "Not wanted any more",
    },
    count_places=places_of_the_partner,
    after_yes=ask_for_consent,
    states_care=True,
    told_back=ToldBack(
        title="done-english-classes",
        kinds={"joined-class": "done-joined-class", "on-waiting-list": "done-on-waiting-list"},
        changes=("done-now-more-classes", "done-now-tell-once"),
    ),
)
