"""Sentences for people, kept apart from their language.

`inventory` says *what* is to be said; the outer ring translates it into the reader's language and fills in the
parameters. The English text is the key of the catalogues in `web/translations`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Names:
    """A thing's name in the three languages of the lists; the code stands in where a list left one empty."""

    fr: str
    nl: str
    en: str

    def __str__(self) -> str:
        return self.en

    def in_language(self, language: str) -> str:
        return {"fr": self.fr, "nl": self.nl}.get(language, self.en) or self.fr


class Message:
    """A sentence with named parameters: `Message("%(count)d kept", count=3)`.

    A parameter may itself be a `Message` or a `Names`; both are rendered in the same language as the sentence.
    """

    __slots__ = ("params", "text")

    def __init__(self, text: str, **params: Any) -> None:
        self.text = text
        self.params = params

    def __str__(self) -> str:
        return self.text % self.params if self.params else self.text

    def __repr__(self) -> str:
        return f"Message({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.text, self.params) == (other.text, other.params)

    def __hash__(self) -> int:
        return hash(self.text)


class Counted(Message):
    """A sentence about a number of things, in two forms: `Counted("%(count)d kit", "%(count)d kits", count=3)`.

    Which form a number takes is the language's to say: none is "0 pièce" in French and "0 pieces" in English.
    """

    __slots__ = ("many",)

    def __init__(self, text: str, many: str, *, count: int, **params: Any) -> None:
        super().__init__(text, count=count, **params)
        self.many = many

    @property
    def count(self) -> int:
        number: int = self.params["count"]
        return number

    def __str__(self) -> str:
        return (self.text if self.count == 1 else self.many) % self.params
