"""A throw-away sample shop: people named by what they do, groups and roles as a shop would have them."""


def fill() -> None:
    pass
