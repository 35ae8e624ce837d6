"""The log of all changes to the plan: one line for each thing that changed, newest first."""
