"""What stands before the page: whose requests are answered, and whose session is whose."""
