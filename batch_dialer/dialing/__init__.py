"""How calls are placed: how fast, when to stop, what an answer means. The one place where a phone rings."""
