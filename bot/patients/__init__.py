"""Who we may reach: records, phones and whose they are, opt-outs, criteria, and whether a text may go."""

from bot.capability import Capability, Job

CAPABILITY = Capability(
    name="patients",
    jobs=(Job("refresh-phone-safety", 6 * 3600, "bot.patients.phone_safety:refresh_every_practice"),),
    rights=("bot.patients.criteria:SIGN",),
    readiness=("bot.patients.kept_opt_outs:lost_key",),
    retention=(Job("forget-phones-of-those-gone", 6 * 3600, "bot.patients.kept_opt_outs:forget_phones_of_those_gone"),),
)
