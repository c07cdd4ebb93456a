"""Stock and every rule about it: no Flask, no hardware, no barcode syntax."""
