"""Writing back by a spreadsheet that is put into a folder: one file a round, one row a complaint."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lapor_gateway.durable import sync_folder
from lapor_gateway.sources.write_back import Channel, Delivered, Ending, NotDelivered, Notice, values_of
from lapor_gateway.sources.write_back_settings import FilesWriteBack


class FilesWriter:
    """Files appear whole or not at all; what is told again stands again in the next one."""

    def __init__(self, how: FilesWriteBack, channel: Channel, data_dir: Path) -> None:
        self._how = how
        self._zone = channel.zone
        self._folder = data_dir / how.folder

    def may_repeat(self, kind: str) -> bool:  # noqa: ARG002 - a row that comes twice says the same
        return True

    async def deliver(self, notices: Sequence[Notice]) -> list[Ending]:
        try:
            await asyncio.to_thread(self._write, notices)
        except OSError as error:
            return [NotDelivered(f"the folder {self._how.folder}: {error.strerror}", away=True)] * len(
                notices
            )
        return [Delivered()] * len(notices)

    async def close(self) -> None:
        """Nothing is open."""

    def _write(self, notices: Sequence[Notice]) -> None:
        from openpyxl import Workbook  # noqa: PLC0415 - a tenth of a second

        self._folder.mkdir(parents=True, exist_ok=True)
        book = Workbook(write_only=True)
        sheet = book.create_sheet("LAPOR!")
        sheet.append([_cell(sheet, heading) for heading in self._how.columns.values()])
        for notice in notices:
            values = values_of(notice, self._zone)
            sheet.append([_cell(sheet, values[name] or "") for name in self._how.columns])
        stamp = max(notice.at for notice in notices).astimezone(self._zone).strftime("%Y%m%d-%H%M%S")
        final = self._folder / f"dari-lapor-{stamp}-{notices[0].delivery[-8:]}.xlsx"
        draft = final.with_suffix(".part")
        book.save(draft)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(final)
        sync_folder(self._folder)


def _cell(sheet: Any, value: object) -> Any:
    """A cell that no program takes for a formula, whatever somebody has written."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", str(value)))
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
