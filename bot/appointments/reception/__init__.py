"""A clinic's day and a visit, as the practice sees them."""
