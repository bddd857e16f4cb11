"""For those who run it: readiness, figures, backup, audit, and what is not kept."""

from bot.capability import Capability, Command, Job

CAPABILITY = Capability(
    name="operations",
    rights=("bot.operations.rights:RESTORE", "bot.operations.rights:ACCEPT_HEAD"),
    pages=("bot.operations.pages:blueprint", "bot.operations.audit_pages:blueprint"),
    commands=(
        Command("audit", "The trail of who did what.", "bot.operations.audit_check:audit"),
        Command("backup", "Write every row to a new file.", "bot.operations.backup_commands:backup"),
        Command(
            "restore",
            "Put a backup back; nothing goes twice.",
            "bot.operations.backup_commands:restore_command",
        ),
    ),
    retention=(
        Job("erase-old-words", 3600, "bot.operations.retention:erase_old_words"),
        Job("forget-status-events", 3600, "bot.operations.retention:forget_status_events"),
        Job("forget-sign-ins", 3600, "bot.operations.retention:forget_sign_ins"),
    ),
    cards=("bot.operations.cards:operations_cards",),
    navigation=("bot.operations.cards:OPERATIONS", "bot.operations.cards:AUDIT_TRAIL"),
)
