"""What may be sent when, through which device, and what an outcome means; pure, no I/O."""
