"""What people write to us, what follows from it, and the inbox of what needs a person."""

from bot.capability import Capability, Command, Job

CAPABILITY = Capability(
    name="conversations",
    pages=(
        "bot.conversations.inbox_pages:blueprint",
        "bot.conversations.about_people_pages:blueprint",
        "bot.conversations.free_text_pages:blueprint",
    ),
    machine_pages=("bot.conversations.webhooks:blueprint",),
    commands=(
        Command("replies", "Understand replies in any language.", "bot.conversations.commands:replies"),
        Command("inbox", "What needs a person, and what is done about it.", "bot.conversations.inbox_commands:inbox"),
    ),
    questions=(
        "bot.conversations.language_choice:LANGUAGE",
        "bot.conversations.language_choice:LANGUAGE_CONFIRM",
    ),
    wishes={
        "language": "bot.conversations.language_choice:name_language",
        "help": "bot.conversations.dialogue:help_out",
    },
    jobs=(
        Job("receive-missed-texts", 300, "bot.conversations.missed:receive_missed", asks_twilio=True),
        Job("ask-after-silent-texts", 3600, "bot.conversations.missed:ask_after_silent", asks_twilio=True),
    ),
    rights=("bot.conversations.about_people:CHANGE_PEOPLE",),
    cards=("bot.conversations.cards:inbox_cards", "bot.conversations.cards:own_words_cards"),
    navigation=("bot.conversations.cards:INBOX",),
)
