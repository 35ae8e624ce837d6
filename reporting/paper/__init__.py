"""The board's paper: what the board reads at a meeting, and what has changed since the one before.

`figures.paper_of` works it out from two plans. The board page, the PDF and the workbook only show it.
"""
