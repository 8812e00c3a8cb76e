"""Metrics of a version against its original; each says which way is good (see `checker.registry`).

What a metric counts in a pair can be summed: the figure of the sums of many pairs is that of the corpus. sacrebleu pairs hypotheses
and references with `zip`: of lists of unequal length it scores the shorter and says nothing. Here they raise `ValueError`.
"""
