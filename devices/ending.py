"""How a scanner ends its reads, and what silence proves then. Pure; for those that type and those that send bytes."""

LEAST = 4
"""Characters of a read that counts as the same again: shorter halves are alike by chance."""
AGAIN_S = 1.0
"""A person who scans again takes longer; a trigger that chatters does not."""


class Ending:
    """Whether a scanner ends its reads with a suffix, a key or a sign: as told, or as found out.

    ``suffix`` is None until something is found out, and what is found out last holds: that a suffix and silence ended
    a read together, or that a person who was asked to scan again did, and silence alone ended the same once more. Of a
    scanner that has sent a suffix before, that takes three.
    """

    def __init__(self, suffix: bool | None) -> None:
        self.suffix = suffix
        self._told = suffix is not None
        self._by_suffix = False
        self._text, self._times, self._last_s = "", 0, 0.0

    @property
    def waits(self) -> bool:
        """Whether silence, coming now, would tell something."""
        return self._by_suffix and not (self._told or self.suffix)

    def by_suffix(self) -> None:
        """A suffix has come, and ended something."""
        self._by_suffix = True
        self.forget()

    def goes_on(self) -> None:
        """Something else has come."""
        self._by_suffix = False

    def silent(self) -> None:
        """Silence has come."""
        if self.waits:
            self.suffix = True

    def is_whole(self, text: str, at_s: float) -> bool:
        """Whether what silence has ended is a whole read; ``at_s``: when its last sign came (seconds)."""
        if self._told or self.suffix is False:
            return self.suffix is False
        if text != self._text:
            self._text, self._times, self._last_s = text, 1, at_s
        elif len(text) >= LEAST and at_s - self._last_s >= AGAIN_S:
            self._times, self._last_s = self._times + 1, at_s
        if self._times < (3 if self.suffix else 2):
            return False
        self.suffix = False
        return True

    def forget(self) -> None:
        """What comes next is not the same again, even if it looks so."""
        self._text = ""
