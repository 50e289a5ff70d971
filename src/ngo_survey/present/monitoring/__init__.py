"""The page and the workbook that a team in the field opens every morning."""
