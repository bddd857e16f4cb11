"""An interpreter is lost, sought and found: asks, answers, and what agencies are paid by."""
