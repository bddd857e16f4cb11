"""People who wait for a time in a clinic, and freed times offered to them, one person at a time."""
