"""A capability that exists for tests alone: tea for whoever waits. It has no table, and everything else."""

from bot.capability import Capability, Command, Job

CAPABILITY = Capability(
    name="tea-round",
    pages=("tests.tea_round.pages:blueprint",),
    commands=(Command("tea", "Tea for whoever waits.", "tests.tea_round.commands:tea"),),
    jobs=(Job("pour-tea", 60, "tests.tea_round.pouring:pour"),),
    questions=("tests.tea_round.pouring:MILK",),
    wishes={"call_me": "tests.tea_round.pouring:book_a_cup"},
    guards=("tests.tea_round.pouring:NOT_AT_NIGHT",),
    subjects=("tests.tea_round.pouring:CUP",),
    reasons=("tests.tea_round.pouring:REASONS",),
    cards=("tests.tea_round.pouring:cards",),
    navigation=("tests.tea_round.pouring:TEA",),
    after_opt_out=("tests.tea_round.pouring:note_opt_out",),
    after_deaths=("tests.tea_round.pouring:note_deaths",),
    after_changed_numbers=("tests.tea_round.pouring:note_changed_numbers",),
)
