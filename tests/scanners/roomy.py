"""The web process with quotas that no scanner reaches: a refusal would hide what is behind it."""

import importlib
import sys

from services import limits
from store.rates import Quota

MOST = 10_000_000

if __name__ == "__main__":
    limits.MEMBER, limits.ADDRESS = Quota("member", MOST), Quota("address", MOST)
    sys.exit(importlib.import_module("arb_app.serve").main())
