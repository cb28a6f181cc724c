"""Findings to rulings: who is identified, which rows of the decision table fit, all pure."""
