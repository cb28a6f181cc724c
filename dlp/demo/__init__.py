"""The sample campus of `dlp demo`: messages, a next hop to look into, and a real filter between them."""
