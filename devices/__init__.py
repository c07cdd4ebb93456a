"""Scanners in, printers out: bytes and events, nothing of stock.

``events`` is what scanners tell, ``scanner`` what they have in common, ``serial_scanner`` and
``hid_scanner`` read one (``hid_decoder`` and ``keymaps`` are its pure half), ``outbox`` keeps reads
durably, ``sender`` brings them to the service, ``transport`` and ``printer`` bring jobs to paper.
"""
