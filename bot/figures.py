"""Figures for Prometheus: labels are states, codes and our own row numbers, never anything about a person."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily

Labelled = Iterable[tuple[tuple[str, ...], float]]


def family(name: str, words: str, labels: list[str], rows: Labelled) -> GaugeMetricFamily:
    """A figure with labels, a row for each combination."""
    family = GaugeMetricFamily(name, words, labels=labels)
    for values, figure in rows:
        family.add_metric(values, figure)
    return family
