"""The outer ring: pages, API, command line, worker and the wiring of all three."""
