"""`python -m tui` is `backoffice`."""

import sys

from tui.cli.main import main

sys.exit(main())
