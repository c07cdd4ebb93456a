"""The language of codes and paper: what a code says, and what a receipt looks like.

Pure: data in, data or bytes out. Knows nothing of stock, devices, the web or storage.
"""
