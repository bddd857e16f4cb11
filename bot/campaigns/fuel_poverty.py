"""Help with a cold home: the purpose and criteria of Hastings.

Citizens Advice and a respiratory nurse made them together in the Universal Healthcare National Inquiry: people whose
illness a cold home makes worse.
"""

from itertools import chain

from bot.campaigns.capacity import places_of_the_partner
from bot.campaigns.consenting import ask_for_consent
from bot.partners.purposes import Purpose, PurposeTexts, ToldBack
from bot.patients.criteria import Criteria, coded, selected, younger_than
from bot.patients.eligibility import in_order

NAME = "cold-home-respiratory"
CONDITIONS = {
    "asthma": ("195967001", "233678006", "370221004"),
    "copd": ("13645005", "313299006", "63480004", "87433001", "10692761000119107"),
}
"""Concepts of the NHS primary care domain reference sets AST_COD and COPD_COD."""

COLD_HOME_RESPIRATORY = Criteria(
    name=NAME,
    version=1,
    title="Breathing illness that a cold home makes worse",
    description=(
        "Registered, alive, 18 or over, with coded asthma or COPD. Own mobile, on one person's record only. "
        "Texting not refused, not opted out."
    ),
    reasons=in_order(["no-condition", "under-age"]),
    own={
        "no-condition": lambda _today: ~(coded(tuple(chain(*CONDITIONS.values()))) | selected(NAME)),
        "under-age": younger_than(18),
    },
    unmatched=frozenset(["no-condition"]),
    words={"no-condition": "Does not have the condition", "under-age": "Under 18"},
    who_match="have the condition",
    who_do_not="do not have it",
    conditions=CONDITIONS,
)

FUEL_POVERTY = Purpose(
    name="fuel-poverty",
    title="Help with a cold home",
    criteria=NAME,
    texts=PurposeTexts(
        invitation="fuel-poverty-invitation",
        no_thanks="fuel-poverty-no-thanks",
        consent="fuel-poverty-consent",
        not_shared="fuel-poverty-not-shared",
        referred="fuel-poverty-referred",
        referred_no_phone="fuel-poverty-referred-no-phone",
        waiting="fuel-poverty-waiting",
        place_found="fuel-poverty-place-found",
        partner_full="fuel-poverty-partner-full",
    ),
    # Kinds of help: Universal Healthcare National Inquiry.
    outcomes={
        "energy-cost-cut": "Energy cost cut",
        "money-for-heating": "Money for heating",
        "home-improvement": "Home improvement",
        "advice-given": "Advice given",
        "could-not-reach": "Could not reach the person",
        "not-wanted": "Help not wanted any more",
    },
    count_places=places_of_the_partner,
    after_yes=ask_for_consent,
    told_back=ToldBack(
        title="done-fuel-poverty",
        kinds={
            "energy-cost-cut": "done-energy-cost-cut",
            "money-for-heating": "done-money-for-heating",
            "home-improvement": "done-home-improvement",
            "advice-given": "done-advice-given",
        },
        changes=("done-now-more-places", "done-now-tell-once"),
    ),
)
