"""Formats that documents come in; a format is a module that reads the bytes of one file into rows of `tables.PAGES`.

`read(content, suffix, config)` gives each row without `doc`, `path` and `sha256`, which `checker.read` adds. The first row is the
document FILE; a further row has a `part` and is the document FILE#part; `original` names the part that holds a row's originals.
`anchors` and `cells` are struct series. What is wrong with the bytes is an `InputError`, whose `where` is the line if it has one.
"""
