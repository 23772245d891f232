"""Verdicts that give advice; the advice itself lies floors above and is loaded when it is asked for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sextortion_detect.support import Advice


class Advised:
    """A verdict on a message or a conversation that knows what the person concerned can do."""

    __slots__ = ()

    def advice(self, lang: str = "ar", country: str | None = None, *, unconfirmed: bool = False) -> "Advice":
        """Calm steps and lines of help, where something was flagged or a victim reports; else empty.

        Arguments and errors are those of `support.advise`.
        """
        from sextortion_detect.support import advise_on

        return advise_on(self, lang, country, unconfirmed=unconfirmed)
