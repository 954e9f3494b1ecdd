"""Speed: Yiwen, common alternatives, the machine's peak; an archive run and a page under load."""
