"""Which wording may be sent, by approvals, and texts composed from it; the words by which replies are understood."""

from bot.capability import Capability, Command

CAPABILITY = Capability(
    name="wording",
    pages=("bot.wording.pages:blueprint", "bot.wording.words.words_pages:blueprint"),
    cards=("bot.wording.cards:review_cards", "bot.wording.cards:word_cards"),
    navigation=("bot.wording.cards:TEXTS",),
    rights=("bot.wording.rights:APPROVE", "bot.wording.rights:WRITE"),
    commands=(
        Command("texts", "The texts people get, and who has approved them.", "bot.wording.commands:texts"),
        Command("languages words", "Words readers changed in the lists.", "bot.wording.words.commands:words_command"),
    ),
    demo=("bot.wording.words.demo:propose_words",),
)
