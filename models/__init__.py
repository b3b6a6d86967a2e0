"""The shop's users, groups and roles: their rules and every change to them. Knows no screen."""
