"""The ledger of an archive run: what was written of which article, beside the output."""
