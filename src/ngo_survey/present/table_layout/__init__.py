"""The layout of a table as a reader sees it, which the workbook and the report share."""
