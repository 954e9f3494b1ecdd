"""The web page: a folder for each tab; this folder holds the parts that tabs share."""
