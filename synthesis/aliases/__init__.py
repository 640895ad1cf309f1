"""Names by which programs ask for a voice, such as “alloy”, and the voices that a person means by them."""
