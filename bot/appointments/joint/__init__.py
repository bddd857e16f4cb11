"""One booking of clinician, interpreter and person: found, claimed, moved, given up."""
