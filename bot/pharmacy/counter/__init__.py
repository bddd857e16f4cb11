"""The counter of a pharmacy: who stands there, what they are told, and which language they need."""
