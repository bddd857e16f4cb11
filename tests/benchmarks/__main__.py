"""`make bench`: measure, print Markdown tables and, when asked, write them into docs/speed.md."""

import dataclasses
from collections.abc import Callable

import click

from bot.capabilities import CAPABILITIES
from bot.capability import use
from tests.benchmarks import (
    booking,
    checks,
    cohort,
    danger,
    dispatch,
    feeds,
    growth,
    identifying,
    importing,
    packing,
    pharmacy_api,
    pharmacy_wire,
    planning,
    reading,
    slots,
    starting,
    translating,
    webhooks,
    wire,
)
from tests.benchmarks.databases import Databases, databases
from tests.benchmarks.reporting import Section, write_page
from tests.benchmarks.sizes import QUICK, Sizes

BENCHES: dict[str, Callable[[Databases, Sizes], Section]] = {
    "booking": booking.run,
    "import": importing.run,
    "cohort": cohort.run,
    "planning": planning.run,
    "dispatch": dispatch.run,
    "webhooks": webhooks.run,
    "starting": starting.run,
    "feeds": feeds.run,
    "growth": growth.run,
    "wire": wire.run,
    "pharmacy-wire": pharmacy_wire.run,
    "checks": checks.run,
    "danger": danger.run,
    "identifying": identifying.run,
    "reading": reading.run,
    "translating": translating.run,
    "slots": slots.run,
    "packing": packing.run,
    "pharmacy-api": pharmacy_api.run,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHES)))
@click.option("--quick", is_flag=True, help="Small sizes, to see that all of it works.")
@click.option("--rounds", type=click.IntRange(1), help="How often each side runs.")
@click.option("--largest", type=click.IntRange(1000), help="Leave out sizes above this many people.")
@click.option("--write", is_flag=True, help="Put the tables into docs/speed.md.")
def main(names: tuple[str, ...], quick: bool, rounds: int | None, largest: int | None, write: bool) -> None:
    """Measure NAMES, or everything."""
    sizes = _sizes(QUICK if quick else Sizes(), rounds, largest)
    use(CAPABILITIES)
    with databases() as made:
        for name in names or BENCHES:
            section = BENCHES[name](made, sizes)
            click.echo(section.as_markdown() + "\n")
            if write:
                write_page([section])


def _sizes(sizes: Sizes, rounds: int | None, largest: int | None) -> Sizes:
    if rounds:
        sizes = dataclasses.replace(sizes, rounds=rounds)
    if largest:
        fit = {name: tuple(size for size in getattr(sizes, name) if size <= largest) for name in ("people", "grown")}
        sizes = dataclasses.replace(sizes, **fit)
    return sizes


if __name__ == "__main__":
    main()
