"""The vendor's API: what we say, what it says, and the one socket. No other room knows the network."""
