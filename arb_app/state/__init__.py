"""One flat state a concern: what the server keeps of a member's view, and the doors into it."""
