"""The audit trail in words: a sentence for every action that is written into it.

A sentence follows who did it. `{about}` is what it was done to, any other name in braces a value of the entry's
detail; `{size:person|people}` is a number with its word.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

DEEDS: Mapping[str, str] = {
    "account-closed": "closed the account of {about}",
    "account-created": "made an account for {about}, as {role:role} of {organisation:organisation}",
    "account-reopened": "opened the account of {about} again",
    "agency-added": "added the agency {about}",
    "agency-linked": "let the agency {about} send interpreters to the practice",
    "approve-wording": "approved {about}",
    "audit-head-accepted": "accepted the present end of the audit trail as the right one",
    "batch-released": "released batch {batch} of {about}, {size:person|people}",
    "batch-taken-back": "took back batch {batch} of {about}: {taken_back:text|texts} cancelled, {gone} gone already",
    "campaign-held": "put {about} on hold; {held:text is|texts are} held back",
    "campaign-page-published": "published the page of {about} that says what came of it",
    "campaign-page-taken-back": "took back the public page of {about}",
    "campaign-planned": "planned {about} for {cohort:person|people}",
    "campaign-running": "let {about} go on",
    "campaign-stopped": "stopped {about}; {cancelled:text was|texts were} cancelled",
    "care-stated": "stated that texts for {about} are care and no marketing",
    "clinic-added": "added or changed {about}",
    "clinic-removed": "removed {about}, which nobody had used",
    "clinician-added": "added or changed {about}",
    "clinician-away": "said that {about} is away on a day; {withdrawn:slot was|slots were} withdrawn, "
    "{visits:visit is|visits are} affected",
    "closure-added": "closed {about} for some days; {withdrawn:slot was|slots were} withdrawn, {to_move:visit "
    "has|visits have} to be moved",
    "consent-recorded": "recorded that a person said yes to a partner ({about}): {how:code}",
    "code-given": "gave a code to confirm what followed",
    "columns-named": "named the columns of {about}",
    "conflict-settled": "chose between rows of a list that disagreed ({about})",
    "counter-locked": "entered too many wrong codes and numbers at the counter of a pharmacy: {about} finds nobody "
    "for an hour",
    "criteria-signed": "signed the criteria “{about}”, version {version}",
    "death-recorded": "recorded in {about} that the person has died",
    "death-taken-back": "took back in {about} that the person has died",
    "draft-wording": "wrote another wording of {about}",
    "duty-ended": "took a phone out of the rota of duty of {about}",
    "duty-given-up": "told no more of {about}: nobody had taken it after {texts:text|texts}",
    "duty-nobody": "could tell nobody of {about}, as nobody was on duty",
    "duty-set": "put a phone on duty for {about}",
    "duty-told": "told who is on duty of {about}, for time number {time}",
    "feed-made": "made a new address for the calendar of {about}; the one before it is gone",
    "free-text-off": "switched texts in own words off for {about}",
    "free-text-on": "switched texts in own words on for {about}",
    "free-text-sent": "sent {about}, written in their own words",
    "gist-report-taken-back": "took back that the English by computer of {about} is wrong",
    "gist-reported": "said that the English by computer of {about} is wrong",
    "gist-urgent": "found urgent words in the English by computer of {about}, and only there",
    "if-harmed-off": "kept the 999 text from phones of {about} whose message tells of harm by somebody",
    "if-harmed-on": "let the 999 text go to phones of {about} whose message tells of harm by somebody",
    "inbox-acted": "dealt with {about}: {did:code}",
    "inbox-answered": "answered {about} with the text “{text:code}”",
    "inbox-done": "marked {about} as done",
    "inbox-handed": "handed {about} to a colleague",
    "inbox-noted": "wrote a note about {about}",
    "inbox-reopened": "opened {about} again",
    "install-model": "installed {about}, version {version}",
    "interpreter-accepted": "took {about} as its interpreter",
    "interpreter-asked": "asked an interpreter to take {about}",
    "interpreter-blocked": "recorded that a person wants another interpreter than that of {about} from now on",
    "interpreter-away": "recorded when {about} is away",
    "interpreter-left": "recorded that {about} works no more",
    "interpreter-by-phone-kept": "kept {about} with an interpreter by phone",
    "interpreter-declined": "said no when asked to interpret at {about}",
    "interpreter-lost": "took the interpreter of {about} away",
    "interpreter-sought": "had an interpreter sought for {about}",
    "interpreters-imported": "stored a list of interpreters of {about}: "
    "{stored:interpreter is|interpreters are} new or changed",
    "joining-locked": "entered five wrong codes of people, so {about} cannot enter codes for an hour",
    "language-off": "switched machine translation of {about} off",
    "language-on": "switched machine translation of {about} on",
    "language-recorded": "recorded a language in {about}",
    "language-report-confirmed": "confirmed the language that a pharmacy reported for {about}",
    "language-report-declined": "declined the language that a pharmacy reported for {about}",
    "language-reported": "reported from a pharmacy a language for {about}; the practice has to confirm it",
    "list-discarded": "discarded {about}; nothing of it was stored",
    "list-imported": "stored a list of {rows:row|rows}: {stored:person is|people are} new or changed, "
    "{rejected:row was|rows were} rejected",
    "membership-added": "gave {about} the role of {role:role} of {organisation:organisation}",
    "no-interpreter-found": "found no interpreter for {about}",
    "notice-given": "had a pharmacy say something to a person ({about})",
    "notice-sent-anyway": "let {about} go, although the same had been said within a day",
    "notice-withdrawn": "took back {about}",
    "number-confirmed": "recorded in {about} that the number is the person's own",
    "number-not-theirs": "recorded in {about} that the number is not the person's own",
    "number-wrong": "recorded in {about} that the number is wrong",
    "opinion-raised": "raised {about} by its second opinion ({level:code})",
    "opt-out-lifted": "recorded that somebody who had opted out wants texts again",
    "notice-phoned": "phoned the person of {about}",
    "opted-out": "recorded that somebody wants {scope:scope}",
    "own-system-done": "said that what {about} needed in the practice's own system is done",
    "partner-added": "added the partner {about}",
    "partner-changed": "changed the name or phone of the partner {about}",
    "partner-linked": "let the partner {about} work with the practice",
    "partner-unlinked": "ended the work of the partner {about} with the practice",
    "password-given": "gave the right password, and had still to give a code",
    "password-link-made": "made a link with which {about} can set a password",
    "password-set": "set a new password for {about}",
    "person-code-replaced": "made a new code for {about}; the one before it stands for nobody",
    "person-code-sent": "sent the person of {about} their code",
    "person-label-made": "made a label with the code of {about}",
    "person-looked-up": "looked a person up at the counter of a pharmacy",
    "pharmacy-added": "added the pharmacy {about}",
    "pharmacy-changed": "changed what is known of the pharmacy {about}",
    "pharmacy-closed": "closed the pharmacy {about} on {days:day|days}",
    "pharmacy-confirmed-link": "said for the pharmacy {about} that it works with the practice",
    "pharmacy-key-made": "made a key for the pharmacy {about}, which speaks for {codes:ODS code|ODS codes}",
    "pharmacy-keys-revoked": "ended {keys:key|keys} of the pharmacy {about}",
    "pharmacy-may-know": "said of {about} whether the pharmacy may know the language",
    "pharmacy-opened": "let the pharmacy {about} be open after all on {days:day|days}",
    "pharmacy-unlinked": "ended the work of the pharmacy {about} with the practice",
    "places-set": "set the places of {about} to {places}; {promoted:person who waited|people who waited} got one",
    "plan-applied": "booked what {about} had: {applied:visit was|visits were} booked, {refused} could not be",
    "poster-ended": "ended {about}",
    "poster-made": "made {about}",
    "practice-added": "added the practice {about}",
    "practice-changed": "changed the name or phone of the practice {about}",
    "practice-confirmed-link": "said for the practice that the pharmacy {about} may text its people",
    "presence-asked": "entered the code of a person as their interpreter ({about})",
    "presence-proven": "entered the number that the person had been texted ({about})",
    "recovery-code-used": "used a recovery code to sign in",
    "referral-accepted": "accepted {about}",
    "referral-closed": "closed {about}: {outcome:code}",
    "referral-declined-full": "gave {about} back, because the partner was full",
    "referral-erased": "erased what was said in {about}, as the person asked",
    "referral-got-place": "gave {about}, which had waited, a place",
    "referral-made": "made {about}, after a recorded yes",
    "referral-moved": "closed {about}, as the person goes to another partner",
    "referral-noted": "wrote a note about {about}",
    "referral-proposed": "asked a person by text whether a partner may help ({about})",
    "referral-withdrawn": "withdrew {about}, as the person asked",
    "referrals-exported": "saved {rows:referral|referrals} of the partner {about} as a table",
    "reject-wording": "turned down {about}",
    "report-discarded": "discarded {about}; nothing of it was stored",
    "report-stored": "stored {about} of {rows:row|rows}: {new:visit is|visits are} new, {moved} moved, "
    "{changed} changed, {missing} missing",
    "restart-sender": "let {about} send again",
    "restored": "put a backup back; {uncertain:text is|texts are} being looked up, "
    "{campaigns:campaign was|campaigns were} put on hold",
    "second-factor-reset": "let {about} set up the codes for signing in anew",
    "second-factor-set-up": "set up codes for signing in",
    "session-added": "added {about}; {slots:slot was|slots were} made",
    "session-changed": "changed {about}; {withdrawn:slot was|slots were} withdrawn, {to_move:visit has|visits "
    "have} to be moved",
    "session-ended": "ended {about}; {withdrawn:slot was|slots were} withdrawn, {to_move:visit has|visits have} "
    "to be moved",
    "signed-in": "signed in",
    "signed-out": "signed out",
    "signed-out-everywhere": "signed out everywhere",
    "site-added": "added or changed {about}",
    "slots-imported": "took in slots from the practice's own system: {stored:slot|slots} new or changed",
    "slots-made": "made {slots:slot|slots}",
    "slots-released": "opened {slots:held slot|held slots} to everybody",
    "travel-set": "set the time from {about} to another site: {minutes:minute|minutes}",
    "urgent-not-opened": "saw that nobody had opened {about}, which is urgent, in time",
    "visit-booked": "booked {about}",
    "visit-given-up": "gave up {about} for the {by:code}",
    "visit-moved": "moved {about}",
    "visit-outcome": "recorded of {about}: {outcome:code}",
    "visits-planned": "worked out {about} for {requests:person who waits|people who wait}: {placed} have a time",
    "waiting-joined": "put a person on the waiting list ({about})",
    "waiting-left": "took a person off the waiting list ({about})",
    "webhook-ended": "ended what the system of {about} is told",
    "webhook-gone": "ended what the system of {about} is told, because that system said that it is gone",
    "webhook-secret-dropped": "let only the newest secret of {about} count",
    "webhook-secret-made": "made a new secret for the system of {about}",
    "webhook-set": "said where the system of {about} is told of its notices",
    "webhook-tested": "sent a test to the system of {about}",
    "webhook-tried-again": "sent what the system of {about} had not been told again",
    "withdraw-approval": "took back the approval of {about}",
    "word-agreed": "agreed to {about}, so that replies are read with it",
    "word-proposed": "proposed {about}",
    "word-questioned": "said that a word of a list is wrong: {about}",
    "word-taken-back": "took back {about}",
    "word-turned-down": "turned down {about}",
    "young-person-known": "said who comes to {about}, which a phone had booked by a poster",
    "young-person-not-known": "said that it is not the young person who was proposed for {about}",
}
_ROLES = {
    "practice": "practice staff",
    "lead": "lead",
    "partner": "partner's adviser",
    "reviewer": "reviewer",
    "pharmacy": "pharmacy staff",
    "interpreter": "interpreter",
    "admin": "administrator",
}
_SCOPES = {"outreach": "no invitations", "all": "no texts at all"}
_SERVICE = "the service itself"


class _Value:
    """A value of an entry as its sentence shows it; one that the entry lacks is left open."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __format__(self, form: str) -> str:
        if "|" in form:
            one, many = form.split("|")
            return f"{'some' if self.value is None else self.value} {one if self.value == 1 else many}"
        if form == "organisation":
            return _SERVICE if self.value is None else str(self.value)
        if self.value is None:
            return "?"
        return {"role": role_in_words, "scope": _scope, "code": read_out}.get(form, str)(self.value)


def deed_in_words(action: str, about: str, detail: Mapping[str, Any]) -> str:
    """What was done, to be read after who did it; an action without words of its own is read out."""
    if action not in DEEDS:
        return f"{read_out(action)}: {about}"
    values = defaultdict(lambda: _Value(None), {name: _Value(value) for name, value in detail.items()})
    values["about"] = _Value(about)
    return DEEDS[action].format_map(values)


def deed_in_short(action: str) -> str:
    """An action as people choose it from a list."""
    return read_out(action).capitalize()


def role_in_words(role: str) -> str:
    """A role such as `practice` as people say it."""
    return _ROLES.get(role, role)


def read_out(code: str) -> str:
    """A code without what joins its words."""
    return code.replace("_", " ").replace("-", " ")


def _scope(scope: str) -> str:
    return _SCOPES.get(scope, scope)
