"""Outputs: what a gate found, in the formats that people and their tools read; `write(outcome, file)` (see `checker.registry`).

Everything that comes from a page is hostile: it is escaped for its format, and control and format characters are written out.
"""
