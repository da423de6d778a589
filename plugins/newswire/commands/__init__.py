"""The command line's larger families of commands, one a module; `cli.py` puts them together."""
