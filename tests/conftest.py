"""What is the same for every test.

Drawn at random, a test run of the same code would fail now and then, and nobody would know of which change: `make test`
draws the same each time, `make test-long` anew. No test has a deadline: speed is measured in `tests.bench`.
"""

from __future__ import annotations

from hypothesis import settings

from tests import LONG

settings.register_profile("comptoir", derandomize=not LONG, deadline=None)
settings.load_profile("comptoir")
