"""What `labels` refuses to make. (What it reads never raises: see `labels.reading`.)"""


class LabelError(ValueError):
    """Root of the errors of `labels`; `code` is stable, the words are for developers."""

    code = "label"


class NumberOutOfRange(LabelError):
    """An in-house code has six digits of number: 0 to 999999."""

    code = "label-number-out-of-range"

    def __init__(self, number: int) -> None:
        super().__init__(f"an in-house number lies between 0 and 999999, not {number}")
        self.number = number


class UnreadableCode(LabelError):
    """A drawn code did not read back as what it should say, so it must not be printed."""

    code = "label-unreadable-code"

    def __init__(self) -> None:
        super().__init__("the drawn code does not read back as its text")


class PaperTooNarrow(LabelError):
    """So few columns that nothing can be laid out on them."""

    code = "label-paper-too-narrow"

    def __init__(self, columns: int) -> None:
        super().__init__(f"nothing fits in {columns} columns")
        self.columns = columns
