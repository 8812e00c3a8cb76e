"""checker: a multilingual translation-consistency checker."""
