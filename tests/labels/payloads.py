"""Random payloads for every symbology: valid ones, and valid ones that somebody spoilt."""

from __future__ import annotations

import string
from collections.abc import Iterator
from random import Random

from labels import errors, gtin
from labels.codes import LONGEST_CODE_128, LONGEST_GS1_128, Symbology

ASCII = "".join(map(chr, range(32, 127)))
CHARSET_82 = "!\"%&'*+,-./:;<=>?_" + string.ascii_letters + string.digits  # without brackets
LETTERS = ASCII + "éèçàœ€’×" + "ابتثجح" + "курсив" + "注射器" + "💉\u200d\n\t\x00\x1d"


def valid(symbology: Symbology, chance: Random) -> str:
    """A text that can be drawn."""
    match symbology:
        case Symbology.CODE_128:
            return _code_128(chance)
        case Symbology.EAN_13:
            return digits_with_check(chance, 13)[: chance.choice((12, 13))]
        case Symbology.GS1_128:
            return bracketed(_short_enough(chance))
        case Symbology.GS1_DATAMATRIX:
            return bracketed(_fields(chance))
        case Symbology.QR:
            alphabet = chance.choice((string.digits, ASCII, LETTERS))
            longest = chance.choice((20, 60, 60, 200, 500))
            return text(chance, alphabet, 1, longest)


def bracketed(fields: dict[str, str]) -> str:
    return "".join(f"({ai}){value}" for ai, value in fields.items())


def text(chance: Random, alphabet: str, least: int, most: int) -> str:
    return "".join(chance.choices(alphabet, k=chance.randint(least, most)))


def digits_with_check(chance: Random, length: int) -> str:
    digits = text(chance, string.digits, length - 1, length - 1)
    return digits + str(gtin.check_digit(digits))


def _code_128(chance: Random) -> str:
    """Digits alone, characters alone, and runs of both: the three sets of Code 128 and the changes between them."""
    longest = chance.choice((10, 10, 25, LONGEST_CODE_128))
    runs = [text(chance, chance.choice((string.digits, ASCII)), 1, longest) for _ in range(3)]
    return "".join(runs[: chance.randint(1, 3)])[:longest]


def _date(chance: Random) -> str:
    """Six digits; sometimes a month alone, sometimes a leap day."""
    if chance.random() < 0.05:
        return f"{4 * chance.randrange(25):02d}0229"
    return f"{chance.randrange(100):02d}{chance.randint(1, 12):02d}{chance.choice((0, *range(1, 29))):02d}"


def _value(ai: str, chance: Random) -> str:
    match ai:
        case "00":
            return digits_with_check(chance, 18)
        case "01" | "02":
            return digits_with_check(chance, 14)
        case "414":
            return digits_with_check(chance, 13)
        case "11" | "13" | "15" | "17":
            return _date(chance)
        case "20":
            return text(chance, string.digits, 2, 2)
        case "30" | "37":
            return str(chance.randint(1, 99_999_999))
        case "3103":
            return text(chance, string.digits, 6, 6)
        case "422":
            return "056"
        case "7003":
            return f"{chance.randrange(100):02d}1130{chance.randrange(24):02d}{chance.randrange(60):02d}"
        case _:
            return text(chance, CHARSET_82, 1, 20)


_FREE = ("10", "11", "13", "15", "17", "20", "21", "240", "30", "3103", "422", "710", "7003", "91")


def _fields(chance: Random) -> dict[str, str]:
    """An article with some of what can be said of it, in any order; now and then a carton or an address."""
    odd = chance.random()
    if odd < 0.05:
        chosen = ["00", "02", "37", "10"]
    elif odd < 0.1:
        chosen = ["414", "254"]
    else:
        chosen = ["01", *chance.sample(_FREE, chance.randint(0, 4))]
        chance.shuffle(chosen)
    return {ai: _value(ai, chance) for ai in chosen}


def _short_enough(chance: Random) -> dict[str, str]:
    while True:
        fields = _fields(chance)
        if sum(len(ai) + len(value) + 1 for ai, value in fields.items()) <= LONGEST_GS1_128:
            return fields


# More than the largest Data Matrix holds (1,555 bytes), in characters that cannot be packed.
_PLENTY = {"01": "05410036306703", "8110": "_" * 70, "8112": "!" * 70}
_PLENTY |= {str(ai): "_" * 90 for ai in range(91, 100)}
_PLENTY |= {str(ai): "056" + "_" * 27 for ai in (*range(7030, 7040), *range(7230, 7240))}

Refusal = type[errors.LabelError]


def spoilt(symbology: Symbology, chance: Random) -> Iterator[tuple[str, Refusal]]:
    """A valid payload, spoilt in every way there is, and what each must be refused as."""
    yield "", errors.EmptyCode
    payload = valid(symbology, chance)
    match symbology:
        case Symbology.CODE_128:
            yield _with(payload, chance.choice("é\n\x00\x7f€\x1d"), chance), errors.WrongCharacter
            yield payload + "x" * LONGEST_CODE_128, errors.TooLong
        case Symbology.EAN_13:
            yield from _spoilt_ean(digits_with_check(chance, 13), chance)
        case Symbology.QR:
            yield _with(payload, "\ud83d", chance), errors.WrongCharacter
            yield payload + "x" * 2400, errors.TooLong
        case Symbology.GS1_128 | Symbology.GS1_DATAMATRIX:
            yield from _spoilt_gs1(chance)
            long = {"400": "z" * 30, "401": "z" * 30}
            much = long if symbology is Symbology.GS1_128 else _PLENTY
            yield bracketed(much), errors.TooLong


def _spoilt_ean(ean: str, chance: Random) -> Iterator[tuple[str, Refusal]]:
    yield _other_digit(ean, chance.randrange(13), chance), errors.WrongCheckDigit
    yield ean[: chance.randint(1, 11)], errors.WrongLength
    yield ean + chance.choice(string.digits), errors.WrongLength
    yield _with(ean[:-1], chance.choice(" -A٣²"), chance), errors.WrongCharacter


def _spoilt_gs1(chance: Random) -> Iterator[tuple[str, Refusal]]:
    gtin14, lot = digits_with_check(chance, 14), text(chance, CHARSET_82, 1, 20)
    year, month = f"{chance.randrange(100):02d}", f"{chance.randint(1, 12):02d}"
    item = f"(01){gtin14}"

    def with_(fields: str) -> str:
        """In front of the article or behind it."""
        return item + fields if chance.random() < 0.5 else fields + item

    yield f"(01){_other_digit(gtin14, chance.randrange(14), chance)}", errors.WrongCheckDigit
    yield (
        f"(00){_other_digit(digits_with_check(chance, 18), chance.randrange(18), chance)}",
        errors.WrongCheckDigit,
    )
    yield f"(01){gtin14[:-1]}", errors.WrongField
    yield f"(01){gtin14}{chance.choice(string.digits)}", errors.WrongField
    yield f"(01){gtin14[:6]}٣{gtin14[7:]}", errors.WrongField
    day = chance.choice((f"{year}0230", f"{year}0431", f"{year}1301", f"{year}{month}32", "270229"))
    yield with_(f"({chance.choice(('11', '15', '17'))}){day}"), errors.ImpossibleDate
    yield with_(f"(7003){year}{month}002400"), errors.ImpossibleDate
    yield with_(f"(17){year}{month}"), errors.WrongField
    yield with_("(10)" + _with(lot, chance.choice(" é#$@[~\n\x1d"), chance)), errors.WrongField
    yield with_("(10)" + text(chance, CHARSET_82, 21, 40)), errors.WrongField
    yield with_("(10)"), errors.WrongField
    yield with_("(30)0"), errors.WrongField
    yield (
        with_(f"({chance.choice(('05', '19', '29', '3180', '9', '100', '72'))})1"),
        errors.LabelError,
    )
    yield with_(f"(10){lot}(10){lot}"), errors.RepeatedIdentifier
    lone = chance.choice((f"(17){year}{month}00", f"(10){lot}", f"(21){lot}", "(30)5"))
    yield lone, errors.CompanionMissing
    yield f"(02){gtin14}", errors.CompanionMissing
    yield with_("(37)5"), errors.LabelError
    yield with_("(3101)000001(3102)000001"), errors.ClashingIdentifiers
    yield with_(f"(10)a({chance.choice(CHARSET_82)}"), errors.NotBracketed
    yield gtin14, errors.NotBracketed
    yield item[1:], errors.NotBracketed
    yield " " + item, errors.NotBracketed


def _other_digit(digits: str, at: int, chance: Random) -> str:
    other = chance.choice([digit for digit in string.digits if digit != digits[at]])
    return digits[:at] + other + digits[at + 1 :]


def _with(payload: str, character: str, chance: Random) -> str:
    at = chance.randint(0, len(payload))
    return payload[:at] + character + payload[at:]
