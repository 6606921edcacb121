"""What `./arb` runs: the program, found from its own place whatever the working directory."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    from cli.main import main

    sys.exit(main())
