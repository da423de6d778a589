"""`make clean`: ends what runs in a state folder and removes its homes."""

from __future__ import annotations

import sys
from pathlib import Path

from newswire.runtime.status import remove

if __name__ == "__main__":
    remove(Path(sys.argv[1]))
