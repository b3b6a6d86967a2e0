"""What the settings say of the shop and of the person at the keyboard, told to the models."""

from models import passwords
from models.access import safeguards
from models.db.connection import use_zone
from tui.config import Settings


def apply_settings(settings: Settings) -> list[str]:
    """Let the models work by what the settings say of users; what of it holds in part only."""
    safeguards.current_user_email = settings.me
    passwords.COST = settings.password_cost
    if settings.languages:
        from models import locales

        locales.languages = tuple(settings.languages)
    if passwords.LOWEST_COST <= passwords.COST <= passwords.HIGHEST_COST:
        return []
    bounds = f"from {passwords.LOWEST_COST} to {passwords.HIGHEST_COST}"
    return [f"password_cost must be {bounds}; the nearest is used"]


def apply_shop_settings(settings: Settings) -> None:
    """Let the models work by the shop's time zone and its own rules. Raises Invalid."""
    use_zone(settings.time_zone)
    rules = (settings.default_rules, settings.whitelist_rules)
    if rules != (None, None) or settings.warehouse_users_sign_in:
        from models.access.decision import use_rules  # a first page is shown without it

        use_rules(*rules, settings.warehouse_users_sign_in)
