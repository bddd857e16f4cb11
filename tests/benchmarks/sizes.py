"""How much each benchmark does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Rows, people or texts of each benchmark, and how often each side runs."""

    rounds: int = 5
    imported: int = 100_000
    people: tuple[int, ...] = (100_000, 1_000_000)
    planned: int = 10_000
    dispatched: int = 3_000
    webhooks: int = 2_000
    grown: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    batch: int = 10_000
    seconds: int = 60
    translated: int = 500
    clinics: int = 200
    clinics_by_row: int = 5
    booked: int = 500
    searches: int = 20


QUICK = Sizes(
    rounds=3, imported=2_000, people=(5_000, 20_000), planned=500, dispatched=400, webhooks=200,
    grown=(1_000, 5_000), batch=2_000, seconds=10, translated=100, clinics=20,
    clinics_by_row=2, booked=60, searches=5,
)  # fmt: skip
