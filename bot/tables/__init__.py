"""Every table, a file a capability: one import knows the whole schema."""

from sqlmodel import SQLModel

import bot.audit
import bot.tables.accounts
import bot.tables.appointments
import bot.tables.attention
import bot.tables.campaigns
import bot.tables.conversations
import bot.tables.duty
import bot.tables.free_texts
import bot.tables.gists
import bot.tables.interpreters
import bot.tables.lists
import bot.tables.messaging
import bot.tables.opinions
import bot.tables.organisations
import bot.tables.partners
import bot.tables.patients
import bot.tables.pharmacy
import bot.tables.said_and_done
import bot.tables.translation
import bot.tables.wording  # noqa: F401

metadata = SQLModel.metadata
