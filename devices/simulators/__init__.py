"""A scanner and a printer made of software, for whoever has none: each at the other end of a pseudo-terminal.

What drives a real device drives these, byte by byte, through the same code. They obey the rules of their kind, and can
be told to fail as the real ones do.
"""
