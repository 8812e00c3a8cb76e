"""Small real Argos packages, the grammar whose sentences they were trained on, and the scripts that made and verified them."""
