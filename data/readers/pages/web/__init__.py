"""Web pages: HTML, and pages or mails saved as one file, as text with their tables and dates."""
