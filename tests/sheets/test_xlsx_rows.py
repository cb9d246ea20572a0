"""What `xlsx_rows.py` relies on in openpyxl's streaming parser, which is private: fails where a new one differs."""

import inspect
import io

from openpyxl.worksheet import _reader


def test_openpyxl_has_the_parser_that_the_reader_is_built_on() -> None:
    parser = _reader.WorkSheetParser
    moved = "openpyxl has moved its streaming parser: adapt batch_dialer/sheets/workbook/xlsx_rows.py"
    assert ["self", "src", "shared_strings"] == [*inspect.signature(parser.__init__).parameters][:3], moved
    assert ["self", "row"] == [*inspect.signature(parser.parse_row).parameters], moved
    assert ["self", "element"] == [*inspect.signature(parser.parse_cell).parameters], moved
    made = parser(io.BytesIO(), [])
    assert (0, 0, {}) == (made.row_counter, made.col_counter, made.row_dimensions), moved
    namespace = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert (f"{namespace}row", f"{namespace}mergeCells") == (_reader.ROW_TAG, _reader.MERGE_TAG), moved
