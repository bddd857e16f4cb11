"""What this service can do: a line for each capability. A new one is a folder, and its name here."""

from bot.capability import Command

CAPABILITIES = (
    "bot.messaging",
    "bot.patients",
    "bot.organisations",
    "bot.translation",
    "bot.attention",
    "bot.gists",
    "bot.conversations",
    "bot.duty",
    "bot.opinions",
    "bot.appointments",
    "bot.interpreters",
    "bot.lists",
    "bot.campaigns",
    "bot.said_and_done",
    "bot.partners",
    "bot.pharmacy",
    "bot.wording",
    "bot.accounts",
    "bot.operations",
)
"""In the order in which the header and the home page show what they bring."""

PROCESSES = (
    Command("serve", "Web, clock and sender in one process, and in demo the simulated phones.", "bot.processes:serve"),
    Command("web", "The pages and webhooks alone, under gunicorn.", "bot.processes:web"),
    Command("worker", "Send what is due; any number of workers may run.", "bot.processes:worker"),
    Command("clock", "Run the jobs; any number of clocks may run.", "jobs.clock:clock"),
    Command("translator", "Translate what is asked for; any number may run.", "bot.processes:translator"),
    Command("simulator", "The phone network alone, for demo and rehearsal.", "bot.processes:simulator"),
    Command("migrate", "Bring the database schema up to date.", "bot.processes:migrate_command"),
    Command("demo", "Made-up data to try the service with; never in live.", "bot.demo:demo"),
)
"""Commands of the roof, which puts the capabilities together."""
