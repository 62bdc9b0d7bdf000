"""``python -m fastcalc``: the command line, also where the script is not on the PATH."""

import sys

from fastcalc.cli import main

sys.exit(main())
