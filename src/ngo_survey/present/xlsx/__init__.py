"""The workbook: every table on a sheet of its own.

The layout is what the report prints as well. Nothing here computes a statistic, and nothing here
reads a figure or a chapter, so that a changed chapter does not write a workbook anew.
"""
