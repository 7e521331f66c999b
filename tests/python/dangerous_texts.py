"""Texts of a feed that a spreadsheet would compute as formulas."""

# Invented values that a feed could contain.
DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@sum",
    "\t=1",
    "\r=1",
    " =1",
    "\n=1",
    "a;=cmd|'/c calc'!A1",
    "\N{FULLWIDTH EQUALS SIGN}1",
]
