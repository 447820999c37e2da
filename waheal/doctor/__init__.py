"""What can be wrong with a home and its machine, and mending it; knows no screen."""
