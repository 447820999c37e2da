"""What people write, by language, and the plain forms in which it is compared: data, no I/O."""
