"""Tabs of the page: each module builds one, from what the page hands it."""
