"""The first page of the administration: what needs a decision, how the site is doing, and the lists."""
