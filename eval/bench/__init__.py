"""The speed benchmark: Yiwen, what most people would run, and the machine's own roof."""
