"""The child process that holds the clients; it talks to its coordinator over one channel."""
