"""Pharmacies themselves: what they are called, when they are open, whom they serve, and the keys of their systems."""
