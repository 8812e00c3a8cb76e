"""Writers of a table to a file; `SUFFIX` is what the file's name ends in (see `checker.registry`)."""
