"""What people and programs see of waheal; knows events, and nothing of sending or storing."""
