"""Editing the plan where people read it: what an action is, what is wanted, and the one place that writes it."""
