"""Scanners in, printers out: bytes and events, nothing of stock.

``events`` is what scanners tell, ``serial_scanner`` reads one, ``outbox`` keeps reads durably,
``sender`` brings them to the service, ``transport`` carries the bytes of a print job.
"""
