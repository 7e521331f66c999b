"""Work lists: what each reviewer has to look at this week, as spreadsheets."""

from persona_access.outputs.work_lists.write import write_work_lists

__all__ = ["write_work_lists"]
