"""The soak runs only when it is asked for: `./check soak --minutes N`."""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
for folder in ("system", "linear", "soak"):
    sys.path.insert(0, str(TESTS / folder))
