"""The options, in groups that the commands share: each group is a decorator, and reaches its command as one object."""
