"""The kit: everything that a machine without internet needs to run Yiwen, in one folder."""
