"""Backups and portable files of the plan: taken while people write, and restored on either database.

`archive` is the file, `tables` turns rows into lines and back, `taking` and `restoring` do the work.
"""
