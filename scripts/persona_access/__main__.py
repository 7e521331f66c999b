"""`python -m persona_access` is the command `persona-access`."""

from persona_access.commands.main import main

main()
