"""Preference data: files of any known layout to rows of tokens, with every row checked."""

from .problems import DataError
from .read import read_rows
from .rows import Report, Row, Rows
from .settings import DataSettings

__all__ = ["DataError", "DataSettings", "Report", "Row", "Rows", "read_rows"]
