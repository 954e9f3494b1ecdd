"""Events: which reports tell of one event, though in other words, and which figures changed."""
