"""Machine translation on this machine, and what keeps it from doing harm."""
