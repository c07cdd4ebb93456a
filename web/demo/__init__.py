"""A history to look at: a service such as ours, simulated day by day through the real services.

`plan` draws what happens on each day, from a seed and from nothing else; `play` has the services do it.
"""
