"""The workshop: kits are made by reads. Nobody is measured: no time, no name, no count per person or table is kept."""
