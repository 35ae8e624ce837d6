"""Pages and files of the board."""

from reporting.views.board import board
from reporting.views.board_export import board_export_csv, board_export_xlsx

__all__ = ["board", "board_export_csv", "board_export_xlsx"]
