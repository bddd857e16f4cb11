"""What is said about a visit by text, what is asked, and what follows each answer."""
