"""Bytes to texts: the reader's stages, one file for each thing a message is made of."""
