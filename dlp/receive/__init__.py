"""Listeners: SMTP and LMTP on aiosmtpd, subclassed."""
