"""An invented bank: weekly files, and a list of every defect in them."""

from persona_access.demo.generate import DemoBank, DemoResult, write_demo
from persona_access.demo.seeds import DEFAULT_FIRST_WEEK, shift_seeds

__all__ = ["DEFAULT_FIRST_WEEK", "DemoBank", "DemoResult", "shift_seeds", "write_demo"]
