"""Whether what `make install` makes is there. Read by any Python 3, with no package but its own."""

import json
import sys

OLDEST = (3, 11)
REFUSED = 1
WHAT_TO_DO = (
    "Run `make install` in the folder of the project, as a user whose files this one may read, and start every "
    "command with the Python it made: .venv/bin/python -m bot (or first: . .venv/bin/activate)."
)


def need_new_python() -> None:
    """End with a sentence where Python is too old to read the rest."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:2]))
        refuse(f"This is Python {found}; 3.11 or newer is needed. {WHAT_TO_DO}")


def explain(error: Exception) -> None:
    """End with a sentence when a package is missing, is another one than was installed, or may not be read.

    What is the service's own is not explained: that it is missing is a programmer's fault.
    """
    if isinstance(error, PermissionError):
        refuse(f"{error.filename} cannot be read by this user. {WHAT_TO_DO}")
    if isinstance(error, ImportError) and not is_ours(error):
        refuse(f"{error.name or 'A package'} cannot be imported by {sys.executable}. {WHAT_TO_DO}")


def is_ours(error: ImportError) -> bool:
    """Whether it is a module of the service that cannot be imported."""
    return (error.name or "").partition(".")[0] in ("bot", "jobs")


def refuse(message: str) -> None:
    """End as every command does that refuses."""
    if "--json" in sys.argv:
        print(json.dumps({"refused": "not-installed", "message": message}))
    else:
        sys.stderr.write(f"{message}\n")
    sys.exit(REFUSED)
