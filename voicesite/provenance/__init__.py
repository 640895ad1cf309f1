"""Where speech comes from: the signed manifest that a file carries (C2PA), and what was made here, by its sound."""
