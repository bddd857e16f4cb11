"""Every table of every room, so that one import knows the whole schema."""

from sqlmodel import SQLModel

import bot.audit
import bot.campaigns.tables
import bot.messaging.tables
import bot.partners.tables
import bot.people.tables
import bot.replies.tables
import bot.staff.tables
import bot.translation.tables  # noqa: F401

metadata = SQLModel.metadata
