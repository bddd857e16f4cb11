"""Visits booked elsewhere: a practice's appointment report, read, judged row by row, looked at, and stored."""
