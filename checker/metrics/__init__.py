"""Metrics of a version against its original, sentence by sentence; each says which way is good (see `checker.registry`).

sacrebleu pairs hypotheses and references with `zip`: of lists of unequal length it scores the shorter and says nothing. `score`
here raises `ValueError` for lists of unequal length.
"""
