"""Reflex as a server runs it: importing a component writes nothing beside the sources."""

import os

os.environ["REFLEX_BACKEND_ONLY"] = "true"
os.environ["REFLEX_TELEMETRY_ENABLED"] = "false"
