"""The outbox: what is queued is sent once, and what Twilio says of it is kept."""

from bot.capability import Capability, Job

CAPABILITY = Capability(
    name="messaging",
    jobs=(
        Job("beat", 5, "bot.messaging.heartbeats:beat"),
        Job("close-expired-questions", 60, "bot.messaging.questions:expire_questions"),
    ),
)
