"""Consent that is heard: the speaker reads a sentence aloud that nobody could know before."""
