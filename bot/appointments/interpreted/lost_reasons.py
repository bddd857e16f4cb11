"""Why a visit without an interpreter, or an interpreter, comes to staff."""

from collections.abc import Mapping

NO_INTERPRETER, BY_PHONE_ON_DEMAND = "no-interpreter", "interpreter-by-phone"
FROM_INTERPRETER, INTERPRETER_STOPPED = "from-interpreter", "interpreter-stopped"
REASONS: Mapping[str, str] = {
    NO_INTERPRETER: "No interpreter was found for an appointment. The person has been asked what they want instead.",
    BY_PHONE_ON_DEMAND: "The person keeps the appointment with an interpreter by phone. Ring one when it begins.",
    FROM_INTERPRETER: "An interpreter wrote something we could not act on. Phone them or their agency.",
    INTERPRETER_STOPPED: "An interpreter wants no texts. They still see what they are asked when they sign in.",
}
