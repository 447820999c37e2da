"""A local WhatsApp that the released client pairs with, logs in to and sends through."""
