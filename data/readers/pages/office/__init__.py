"""What old Office programs wrote: .doc, .wps, .rtf, .xls, .et; parsed in a process apart."""
