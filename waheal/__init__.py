"""Send WhatsApp campaigns; each message heals its device on the way."""
