"""The console of one installation, seen from outside: words in, what stdout and stderr say, exit status."""

from dataclasses import dataclass
from typing import Any

from tests.forks import Done, Forks
from tests.world import World


@dataclass
class Console:
    """Commands on one installation."""

    world: World
    forks: Forks

    def run(self, *words: str, stdin: bytes = b"", **environment: str) -> Done:
        """Run a command as it is."""
        done = self.forks.run(words, self.world.folder, self.world.environment | environment, stdin)
        assert "Traceback" not in done.out + done.err, done
        return done

    def ask(self, *words: str, stdin: bytes = b"", **environment: str) -> Any:
        """What a command that succeeds says with --json: one JSON object, and nothing beside it on stdout."""
        (answer,) = self.lines(*words, stdin=stdin, **environment)
        return answer

    def lines(self, *words: str, stdin: bytes = b"", **environment: str) -> list[Any]:
        """What a command that succeeds says with --json, a JSON value a line."""
        done = self.run(*words, "--json", stdin=stdin, **environment)
        assert done.status == 0, (words, done)
        return done.lines

    def refusal(self, *words: str, stdin: bytes = b"", **environment: str) -> str:
        """The code with which a command refuses: exit status 1, one JSON object; people get the same sentence."""
        done = self.run(*words, "--json", stdin=stdin, **environment)
        assert done.status == 1, (words, done)
        (answer,) = done.lines
        assert set(answer) == {"refused", "message"}, answer
        assert answer["message"]
        code: str = answer["refused"]
        return code

    def misuse(self, *words: str, **environment: str) -> str:
        """What a command says to wrong usage: exit status 2, nothing on stdout."""
        done = self.run(*words, **environment)
        assert (done.status, done.out) == (2, ""), (words, done)
        return done.err

    def import_text(self, practice: str, text: str | bytes, *options: str) -> Any:
        """Import a list given as text."""
        path = self.world.folder / "list.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return self.ask("patients", "import", str(path), "--practice", practice, *options)
