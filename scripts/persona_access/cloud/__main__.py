"""`python -m persona_access.cloud load`, `... build`, `... publish`."""

import sys

from persona_access.cloud.steps import main

sys.exit(main(sys.argv[1:]))
