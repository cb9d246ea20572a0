"""What the tool does, a file each: the order of the steps and nothing else."""
