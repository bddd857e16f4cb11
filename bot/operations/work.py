"""What runs in words: the parts of the service and its regular jobs. A job without words of its own is read out."""

from collections.abc import Mapping

PARTS: Mapping[str, str] = {
    "clock": "Starting the regular work",
    "translator": "Translating on this machine",
    "worker": "Sending texts",
}
JOBS: Mapping[str, str] = {
    "ask-about-silence": "Ask staff about people who cannot come and said no more",
    "ask-after-silent-texts": "Ask Twilio about texts of which nothing was heard",
    "beat": "Say that it is at work",
    "close-expired-questions": "Close questions that nobody answered in time",
    "erase-old-notes": "Erase old notes of the inbox",
    "erase-old-translations": "Erase old words that were translated",
    "erase-old-words": "Erase old words of texts",
    "escalate-unopened": "Raise urgent messages that nobody opened",
    "forget-left-out": "Forget who was left out of old campaigns",
    "forget-listed": "Forget who was on lists of long ago",
    "forget-old-claims": "Forget times of long ago",
    "forget-old-offers": "Forget times that were offered long ago",
    "forget-old-referrals": "Forget old referrals",
    "forget-phones-of-those-gone": "Forget numbers of people who left",
    "forget-proofs": "Forget old codes and numbers that interpreters entered",
    "forget-sign-ins": "Forget old tries to sign in",
    "forget-status-events": "Forget old reports on texts",
    "forget-unconfirmed-lists": "Forget lists that nobody confirmed",
    "forget-unconfirmed-reports": "Forget appointment reports that nobody confirmed",
    "lapse-asks": "Ask the next interpreter where one did not answer",
    "lapse-offers": "Let go of times that were offered and not taken",
    "make-slots": "Make the times of clinics for the weeks ahead",
    "receive-missed-texts": "Fetch texts that did not reach us",
    "refresh-phone-safety": "Look which numbers belong to one person",
    "release-held-slots": "Open times that were held",
    "remind": "Remind people of appointments",
    "take-up-lists": "Read on in lists whose reading was cut short",
    "tell-reported": "Tell people of appointments from reports",
}
