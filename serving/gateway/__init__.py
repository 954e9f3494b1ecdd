"""What stands before the page and the HTTP service: the server, host names, rate limits."""
