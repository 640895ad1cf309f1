"""Voices to speak with before one has a voice of one's own: some of Kokoro's, put into a new site."""
