"""Texts to findings: one file for each method of detection, all pure."""
