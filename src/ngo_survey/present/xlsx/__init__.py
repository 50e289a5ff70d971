"""Tables as readers see them: the layout of each, and the workbook that holds them all.

The layout is what the report prints as well. Nothing here computes a statistic, and nothing here
reads a figure or a chapter, so that a changed chapter does not write a workbook anew.
"""
