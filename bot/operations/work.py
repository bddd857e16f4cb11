"""What runs in words: the parts of the service and its regular jobs. A job without words of its own is read out."""

from collections.abc import Mapping

PARTS: Mapping[str, str] = {
    "clock": "Starting the regular work",
    "translator": "Translating on this machine",
    "worker": "Sending texts",
}
JOBS: Mapping[str, str] = {
    "ask-after-silent-texts": "Ask Twilio about texts of which nothing was heard",
    "beat": "Say that it is at work",
    "close-expired-questions": "Close questions that nobody answered in time",
    "erase-old-notes": "Erase old notes of the inbox",
    "erase-old-translations": "Erase old words that were translated",
    "erase-old-words": "Erase old words of texts",
    "escalate-unopened": "Raise urgent messages that nobody opened",
    "forget-left-out": "Forget who was left out of old campaigns",
    "forget-listed": "Forget who was on lists of long ago",
    "forget-old-referrals": "Forget old referrals",
    "forget-phones-of-those-gone": "Forget numbers of people who left",
    "forget-proofs": "Forget old codes and numbers that interpreters entered",
    "forget-sign-ins": "Forget old tries to sign in",
    "forget-status-events": "Forget old reports on texts",
    "forget-unconfirmed-lists": "Forget lists that nobody confirmed",
    "receive-missed-texts": "Fetch texts that did not reach us",
    "refresh-phone-safety": "Look which numbers belong to one person",
    "take-up-lists": "Read on in lists whose reading was cut short",
}
