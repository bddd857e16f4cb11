"""A clinic for young people: what they are invited to, outside school hours, and what they are told."""

from bot.appointments.inviting.after_yes import WHETHER_TO_TALK, offer_times_of_campaign
from bot.appointments.inviting.clinics_invited_to import YOUTH, choices_for, settle
from bot.appointments.inviting.figures import campaign_figures, people_seen
from bot.appointments.inviting.groups import count_groups
from bot.appointments.inviting.panel import campaign_panel
from bot.messaging.hours import AFTER_SCHOOL
from bot.partners.purposes import Purpose, PurposeTexts, ToldBack
from bot.tables.appointments import ClinicPurpose, VisitState

YOUTH_CLINIC = Purpose(
    name=YOUTH,
    title="Young people's clinic",
    criteria=YOUTH,
    texts=PurposeTexts(
        invitation="young-person-invitation",
        no_thanks="clinic-no-thanks",
        others=("screening-times", "waiting-joined", "young-person-booked", "young-person-reminder"),
    ),
    outcomes={},
    after_yes=offer_times_of_campaign,
    has_partner=False,
    has_clinic=True,
    choices=choices_for(ClinicPurpose.YOUTH, events=False),
    count_groups=count_groups,
    settle=settle,
    figures=campaign_figures,
    panel=campaign_panel,
    no_asks=WHETHER_TO_TALK,
    prior=(20, 80),
    hours=AFTER_SCHOOL,
    told_back=ToldBack(
        title="done-youth-clinic",
        kinds={VisitState.ATTENDED: "done-seen"},
        changes=("done-now-after-school",),
        got_help=people_seen,
    ),
)
