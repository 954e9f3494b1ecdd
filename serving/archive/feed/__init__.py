"""Feeds: the articles of many files in order, read on this machine or on a cluster."""
