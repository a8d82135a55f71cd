"""What goes on beside a command while it runs: nothing, unless somebody sits at its terminal."""

from __future__ import annotations

from hood.command import Streams


class Beside:
    """Nothing: the command has pipes, and nobody ends it by hand."""

    has_terminal = False
    """Whether the command's streams are a terminal."""

    size = (24, 80)
    """Rows and columns of that, at the begin."""

    takes = True
    """Whether more of what the command says can be taken now; while not, it waits when it writes."""

    gone = False
    """Whether the command is to end, since who sat there is gone."""

    def streams(self) -> Streams | None:
        """The command's streams, where they are not the launcher's ordinary ones."""
        return None

    def words(self, argv: list[str]) -> list[str]:
        """The command's words with what has to come before them, inside of its walls."""
        return argv

    def begun(self) -> None:
        """Is told that the command has begun."""

    def waits_for(self) -> tuple[list[int], list[int]]:
        """Descriptors of which something is to be read, and such to be written, as soon as that is possible."""
        return [], []

    def turn(self, ready: set[int]) -> None:
        """Does what can be done now with those of them that are ready, and never waits."""
        del ready

    def heard(self, data: bytes) -> None:
        """Takes what the command said."""
        del data

    def over(self) -> None:
        """Is told that the command has ended, and everything of it."""
