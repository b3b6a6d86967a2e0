"""The commands on each kind of database: the guide's way from a role to a user, and what they refuse."""

from tests.conftest import Shop
from tests.tui.cli.conftest import PASSWORD, Run

ON_SERVERS = True


def test_from_a_role_to_a_user_who_may(run: Run) -> None:
    stdin = PASSWORD.encode()
    for line in (
        ["roles", "add", "Attributes"],
        ["roles", "allow", "Attributes", "product-attribute-gui/*/*"],
        ["roles", "deny", "Attributes", "product-attribute-gui/attribute/create"],
        ["groups", "add", "Products", "--role", "Attributes"],
        ["users", "add", "nora@shop.example", "--first-name", "Nora", "--last-name", "Neu", "--group", "Products"],
        ["groups", "add-user", "Products", "anna@shop.example", "tom@shop.example"],
        ["groups", "remove-user", "Products", "tom@shop.example", "--yes"],
        ["users", "deactivate", "anna@shop.example"],
    ):
        password = ["--password-stdin"] if line[1] == "add" and line[0] == "users" else []
        said = run(*line, *password, "--json", stdin=stdin)
        assert said.code == 0 and said.json["changed"] is True, said
    assert run("access", "nora@shop.example", "product-attribute-gui/attribute/list").code == 0
    assert run("access", "nora@shop.example", "product-attribute-gui/attribute/create").code == 1
    assert run("groups", "show", "Products", "--json").json["users"] == ["anna@shop.example", "nora@shop.example"]
    (role,) = run("roles", "list", "--search", "attributes", "--json").json
    assert role["rules"] == ["allow product-attribute-gui/*/*", "deny product-attribute-gui/attribute/create"]
    users = {user["email"]: user for user in run("users", "list", "--json").json}
    assert users["nora@shop.example"]["language"] == "en_US" and users["nora@shop.example"]["can_sign_in"]
    assert users["anna@shop.example"]["status"] == "deactivated" and not users["anna@shop.example"]["can_sign_in"]


def test_a_dry_run_and_a_refusal_leave_every_row_as_it_was(run: Run, people: Shop) -> None:
    with people.untouched():
        assert run("roles", "deny", "Media", "sales/*/*", "cms/*/*", "--dry-run").code == 0
        assert run("groups", "delete", "Catalog", "--dry-run").code == 0
        assert run("groups", "add-user", "Support", "anna@shop.example", "--dry-run").code == 0
        assert run("users", "deactivate", "ada@shop.example", "--dry-run").code == 1
        assert run("roles", "remove-rule", "root_role", "*/*/*", "--yes").code == 1


def test_names_compare_as_the_database_compares_them(run: Run, people: Shop) -> None:
    assert run("groups", "show", "CATALOG").code == (0 if people.kind == "mariadb" else 2)
    assert "did you mean Catalog?" in run("groups", "show", "Catalogue").err


def test_second_factors_are_reset(run: Run, people: Shop) -> None:
    if people.kind == "sqlite":
        return
    whole = people.whole()
    id = "id_user_multi_factor_auth, " if people.kind == "postgres" else ""
    (user,) = whole.users("lea@shop.example")
    values = f"{'1, ' if id else ''}{user}, 'email'"
    whole.sql(f"INSERT INTO spy_user_multi_factor_auth ({id}fk_user, type) VALUES ({values})")
    said = run("--database", whole.location, "users", "reset-mfa", "lea@shop.example", "--yes", "--json")
    assert said.json["summary"] == "lea@shop.example: 1 second factor deleted"
    assert whole.sql("SELECT count(*) FROM spy_user_multi_factor_auth") == [0]
