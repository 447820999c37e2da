"""A local WhatsApp on loopback that the released client pairs with, logs in to and sends through."""
