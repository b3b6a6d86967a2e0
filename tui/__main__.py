"""`python -m tui` is `backoffice`."""

import sys

from tui.cli import main

sys.exit(main())
