"""今日: what is in the library, search in it, and the brief that is made of it."""
