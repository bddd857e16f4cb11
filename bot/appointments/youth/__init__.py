"""A clinic for young people: who is invited, what they are told, and a poster by which they start themselves."""
