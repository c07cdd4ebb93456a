"""Speed, measured beside its floor in the same run: ratios, because machines differ and are noisy."""
