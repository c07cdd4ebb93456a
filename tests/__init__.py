"""The promises, proved."""

import os

LONG = os.environ.get("COMPTOIR_TESTS") == "long"
"""Whether tests at random try for long; else they are over in a minute, and the same each time."""
