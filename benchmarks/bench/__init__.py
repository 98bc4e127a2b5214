"""How fast blogsite is, beside its peers on the same machine: `make bench`. What it does and means: docs/speed.md."""
