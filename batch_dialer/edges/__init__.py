"""What touches the world, as thin as it goes. An edge reports; the rules judge."""
