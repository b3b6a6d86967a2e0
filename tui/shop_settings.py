"""What the settings say of the shop, told to the models."""

from models import passwords
from models.access import safeguards
from models.db.connection import use_zone
from models.errors import Invalid
from tui.config import Settings


def apply_settings(settings: Settings) -> list[str]:
    """Let the models work by the settings; what in them cannot be used."""
    problems = []
    safeguards.current_user_email = settings.me
    passwords.COST = settings.password_cost
    if not passwords.LOWEST_COST <= passwords.COST <= passwords.HIGHEST_COST:
        bounds = f"from {passwords.LOWEST_COST} to {passwords.HIGHEST_COST}"
        problems.append(f"password_cost must be {bounds}; the nearest is used")
    try:
        use_zone(settings.time_zone)
        rules = (settings.default_rules, settings.whitelist_rules)
        if rules != (None, None) or settings.warehouse_users_sign_in:
            from models.access.decision import use_rules  # a first page is shown without it

            use_rules(*rules, settings.warehouse_users_sign_in)
    except Invalid as invalid:
        problems += invalid.fields.values()
    if settings.languages:
        from models import users

        users.languages = tuple(settings.languages)
    return problems
