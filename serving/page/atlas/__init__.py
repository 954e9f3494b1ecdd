"""图谱: places by indicators by years, with receipts; promises, contradictions, questions."""
