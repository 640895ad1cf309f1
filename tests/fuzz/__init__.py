"""What reads what people send, given bytes that nobody would send: `make fuzz`."""
