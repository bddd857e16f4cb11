"""The nightly plan: who waits and needs an interpreter is put into interpreters' hours, for staff to look at."""
