"""Work lists: the items that each reviewer must check this week, as spreadsheets."""

from persona_access.outputs.work_lists.write import write_work_lists

__all__ = ["write_work_lists"]
