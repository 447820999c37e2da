"""Why a workbook can't be read, and the way out; it does not know what it was wanted for."""


class WorkbookError(Exception):
    """The file can't be read as a workbook; the message says why, in the operator's words."""

    def __init__(self, problem: str, hint: str = "save it again as .xlsx or CSV") -> None:
        super().__init__(problem)
        self.hint = hint


def damaged(what: str) -> WorkbookError:
    """Say that the bytes are not what they should be."""
    return WorkbookError(f"the workbook can't be read: {what}", "open it and save it again")


def too_much(what: str) -> WorkbookError:
    """Say that it would take more than any list takes."""
    return WorkbookError(
        f"the workbook is not read: {what}", "copy the list alone into a new workbook or CSV file"
    )
