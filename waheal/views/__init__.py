"""What people and programs see of waheal: it draws events, records and findings; no decisions."""
