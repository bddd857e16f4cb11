"""What every command shares: settings and database at hand, `--json`, `--as`, and honest exit statuses."""

import errno
import json
import os
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError, ProgrammingError
from sqlmodel import select

from bot.audit import CONSOLE, Actor
from bot.capability import in_use
from bot.database import LARGEST_ID, Database
from bot.installed import is_ours
from bot.private_files import FOLDER, keep_private, write_private
from bot.refusals import Refused
from bot.settings import Settings, SettingsError, load_settings, sealing_of
from bot.tables.accounts import UserAccount, actor_of

EXIT_REFUSED, EXIT_USAGE, EXIT_FAULT = 1, 2, 70
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_NOT_OURS = (errno.EACCES, errno.EPERM)
_MAKE_ROOM = "Nothing was changed. See that there is room on the disk and that it can be written to, then try again."
Command = TypeVar("Command", bound=Callable[..., Any])


class Console:
    """Settings and database of one command, each made at first use.

    `start_clock` is handed in by the command line, the one place that knows the jobs.
    """

    def __init__(self, start_clock: Callable[[Database, Settings], Any] | None = None) -> None:
        self.start_clock = start_clock

    @cached_property
    def settings(self) -> Settings:
        """The environment, checked."""
        return load_settings()

    @cached_property
    def database(self) -> Database:
        """The database of this command, with the tables of every room: rows of one refer to those of others.

        :raises Refused: its folder is not there and cannot be made.
        """
        import bot.tables  # noqa: F401

        try:
            database = Database(self.settings.database_url, sealing=sealing_of(self.settings))
        except OSError:
            raise read_only(self.settings.var_folder) from None
        keep_private(self.settings.var_folder, *_files_of(database))
        return database

    def actor(self, email: str | None) -> Actor:
        """Who acts: the account named with `--as`, else the console. What it may do, the verb looks at.

        :raises Refused: no such account.
        """
        return CONSOLE if email is None else actor_of(self.account(email))

    def account(self, email: str) -> UserAccount:
        """The active account with that email; in live no demo account is one.

        :raises Refused: no such account.
        """
        with self.database.read() as session:
            statement = select(UserAccount).where(UserAccount.email == email.strip().lower())
            found = session.exec(statement).first()
        if found is None or not found.active or (found.demo and self.settings.live):
            raise Refused("unknown-account", f"There is no account {email}. Add it with: users add {email} …")
        return found


def _files_of(database: Database) -> tuple[str, ...]:
    """The names of an embedded database's files, which may be called anything."""
    name = Path(make_url(database.url).database or "").name
    return (name, f"{name}-*", f"{name}.*") if database.is_sqlite and name else ()


def need_postgresql(settings: Settings, command: str) -> None:
    """Several processes cannot share the embedded database.

    :raises Refused: naming `serve`.
    """
    if settings.is_sqlite:
        raise Refused(
            "needs-postgresql",
            f"{command} needs PostgreSQL (DATABASE_URL). With the embedded SQLite database run: python -m bot serve",
        )


def read_only(folder: Path) -> Refused:
    """The refusal for a folder in which the embedded database cannot be kept."""
    message = f"The folder {folder} cannot be written to. Start from a folder that can, or set DATABASE_URL."
    return Refused("read-only", message)


def need_schema(db: Database) -> None:
    """A process that would only fail again and again does not start.

    :raises Refused: naming `migrate`, or a newer version wrote the database.
    :raises RuntimeError: capabilities that do not fit each other.
    """
    in_use().check()
    from bot.migrations.running import at_head, refuse_newer

    with db.engine.connect() as connection:
        if not at_head(connection):
            refuse_newer(connection)
            raise _not_migrated()


def _not_migrated() -> Refused:
    return Refused("not-migrated", "The database is not set up yet. Run: python -m bot migrate")


class RowNumber(click.ParamType[int]):
    """The number of something stored; one that no row can have is refused as not there."""

    name = "integer"

    def __init__(self, what: str) -> None:
        self.what = what

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a whole number.

        :raises Refused: `unknown-…`, when it is larger than any row's.
        """
        number: int = click.INT.convert(value, param, ctx)
        if number > LARGEST_ID:
            raise Refused(f"unknown-{self.what}", f"There is no {self.what} {number}.")
        return number


pass_console = click.make_pass_decorator(Console, ensure=True)


def json_option(command: Command) -> Command:
    """`--json`: JSON is the only thing on stdout. Passed on as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON only.")(command)


def as_option(command: Command) -> Command:
    """`--as EMAIL`: the person who acts. Passed on as `email`."""
    return click.option("--as", "email", metavar="EMAIL", help="The account that acts.")(command)


def code_option(command: Command) -> Command:
    """`--code DIGITS`: what the app of the person who acts shows now. Passed on as `code`."""
    return click.option("--code", metavar="DIGITS", help="In live: what the app of that person shows now.")(command)


def say(data: Mapping[str, Any], as_json: bool, sentence: str) -> None:
    """Print one answer: JSON for programs, a sentence for people."""
    click.echo(json.dumps(data, ensure_ascii=False) if as_json else sentence)


def say_lines(rows: Iterable[Mapping[str, Any]], as_json: bool, columns: Sequence[str]) -> None:
    """Print many answers: one JSON object a line, or a table of the named columns."""
    try:
        _print_lines(rows, as_json, columns)
    except BrokenPipeError:
        # Whoever read them has read enough (`… | head`): that is neither a refusal nor a fault.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit(0) from None


def _print_lines(rows: Iterable[Mapping[str, Any]], as_json: bool, columns: Sequence[str]) -> None:
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    cells = [[_cell(row.get(name)) for name in columns] for row in rows]
    widths = [max([len(name), *(len(line[i]) for line in cells)]) for i, name in enumerate(columns)]
    for line in [list(columns), *cells]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value).replace("\n", " / ")


def run(command: click.Command, console: Console, arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and end the process: 0 done, 1 refused, 2 wrong usage, 70 a fault of ours."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    wants_json = "--json" in arguments
    try:
        _refuse_broken_text(arguments)
        result = command.main(arguments, prog_name="python -m bot", standalone_mode=False, obj=console)
        sys.exit(result if isinstance(result, int) else 0)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except (Refused, SettingsError) as refused:
        _refuse(refused, wants_json)
    except (OperationalError, ProgrammingError) as error:
        _refuse(_explain_database(error), wants_json)
    except sqlite3.OperationalError as error:  # of a backup, which is copied beside SQLAlchemy
        _refuse(_explain_database(error), wants_json)
    except OSError as error:
        _refuse(_explain_file(error) or _fault(error), wants_json)
    except DatabaseError as error:
        if "not a database" not in str(error.orig):
            _fault(error)
        _refuse(Refused("no-database", "DATABASE_URL names a file that is no SQLite database."), wants_json)
    except ImportError as error:
        if is_ours(error):
            _fault(error)
        raise  # what `make install` makes is not all there; `python -m bot` says so
    except Exception as error:  # the last line of defence: one line for people, details in a file
        _fault(error)


def _refuse_broken_text(arguments: Sequence[str]) -> None:
    """Bytes that are not UTF-8 arrive as lone surrogates, which no database or page can hold."""
    for argument in arguments:
        if any("\ud800" <= char <= "\udfff" for char in argument):
            raise click.UsageError("An argument is not text in UTF-8. Check the settings of your terminal.")


def _refuse(refused: Exception, wants_json: bool) -> NoReturn:
    code = refused.code if isinstance(refused, Refused) else "bad-setting"
    if wants_json:
        click.echo(json.dumps({"refused": code, "message": str(refused)}, ensure_ascii=False))
    else:
        click.echo(str(refused), err=True)
    sys.exit(EXIT_REFUSED)


def _explain_file(error: OSError) -> Refused | None:
    where = error.filename or "A file"
    if error.errno in _NO_ROOM:
        return Refused("cannot-write", f"{where} cannot be written ({error.strerror}). {_MAKE_ROOM}")
    if error.errno in _NOT_OURS:
        whose = "Run this as the user the service runs as, or give the file to that user."
        return Refused("not-permitted", f"{where} may not be used by this user. {whose}")
    return None


def _explain_database(error: Exception) -> Refused:
    words = str(getattr(error, "orig", error)).lower()
    if "no such table" in words or "does not exist" in words or "no such column" in words:
        return _not_migrated()
    of_the_disk = ("full", "readonly", "unable to open")
    what_to_do = f". {_MAKE_ROOM}" if any(word in words for word in of_the_disk) else ""
    said = str(getattr(error, "orig", error)).splitlines()[0]
    return Refused("no-database", f"The database cannot be used: {said}{what_to_do}")


def _fault(error: Exception) -> NoReturn:
    details = Path("var") / "last-fault.txt"
    try:
        details.parent.mkdir(exist_ok=True, mode=FOLDER)
        write_private(details, "".join(traceback.format_exception(error)))
        where = str(details)
    except OSError:
        traceback.print_exception(error)
        where = "above"
    click.echo(f"Something went wrong on our side ({type(error).__name__}). Details: {where}", err=True)
    sys.exit(EXIT_FAULT)
