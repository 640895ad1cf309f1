"""How long the texts are, at most, that people write about voices: in characters. Pure."""

MAX_NAME = 80
MAX_DESCRIPTION = 500
MAX_TAG = 40
MAX_TAGS = 10  # of a voice
MAX_TRANSCRIPT = 2000
