"""Maximum lengths of texts about voices, in characters. Pure."""

MAX_NAME = 80
MAX_DESCRIPTION = 500
MAX_TAG = 40
MAX_TAGS = 10  # of a voice
MAX_TRANSCRIPT = 2000
MAX_REASON = 500  # of staff, for a voice's owner or the reporter of one
MAX_AUDIT_DETAIL = 500
