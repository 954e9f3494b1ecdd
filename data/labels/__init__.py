"""Label files: what people labelled, in the formats of spreadsheets and labelling tools."""
