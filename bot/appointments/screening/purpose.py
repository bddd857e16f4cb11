"""Cervical screening: what people are invited to, and how."""

from bot.appointments.inviting.after_yes import WHETHER_TO_TALK, offer_times_of_campaign
from bot.appointments.inviting.clinics_invited_to import SCREENING, choices_for, settle
from bot.appointments.inviting.figures import campaign_figures, people_seen
from bot.appointments.inviting.groups import count_groups
from bot.appointments.inviting.invitations import NEUTRAL, SCREENING_TEXT, WITH_A_PARTNER, screening_invitation
from bot.appointments.inviting.panel import campaign_panel
from bot.partners.purposes import Purpose, PurposeTexts, ToldBack
from bot.tables.appointments import ClinicPurpose, VisitState

CERVICAL_SCREENING = Purpose(
    name=SCREENING,
    title="Cervical screening",
    criteria=SCREENING,
    texts=PurposeTexts(
        invitation=SCREENING_TEXT,
        no_thanks="clinic-no-thanks",
        others=(WITH_A_PARTNER, NEUTRAL, "screening-times", "screening-times-event", "waiting-joined"),
    ),
    outcomes={},
    after_yes=offer_times_of_campaign,
    has_partner=False,
    has_event=True,
    has_clinic=True,
    choices=choices_for(ClinicPurpose.CERVICAL, events=True),
    may_name_partner=True,
    count_groups=count_groups,
    settle=settle,
    invites=screening_invitation,
    figures=campaign_figures,
    panel=campaign_panel,
    no_asks=WHETHER_TO_TALK,
    prior=(20, 80),
    told_back=ToldBack(
        title="done-cervical-screening",
        kinds={VisitState.ATTENDED: "done-seen"},
        changes=("done-now-by-a-woman", "done-now-longer"),
        got_help=people_seen,
    ),
)
