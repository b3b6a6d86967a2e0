"""The code of a shop as far as it names pages: a tree of files of our own making, in the form that shops have."""

import json
from dataclasses import dataclass
from pathlib import Path

ACL = "vendor/spryker/acl/src/Spryker/Zed/Acl/Communication"
USER = "vendor/spryker/user/src/Spryker/Zed/User/Communication"

ACTION = """
    /**
     * @return array
     */
    public function {}Action(Request $request)
    {{
        return $this->viewResponse(['form' => "it's {{$form["name"]}}"]);
    }}
"""


@dataclass(frozen=True)
class ShopCode:
    """A tree with a composer.json that makes it a shop's."""

    root: Path

    def __post_init__(self) -> None:
        self.write(
            "composer.json", json.dumps({"name": "my/shop", "require": {"php": ">=8.3", "spryker/acl": "^3.0.0"}})
        )
        self.write("composer.lock", "{}")

    def write(self, path: str, content: str | bytes) -> Path:
        """Write a file in the tree, in folders of its own."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def controller(self, module: str, name: str, *actions: str) -> Path:
        """Write a controller with these actions; `module` is the folder of the module's communication."""
        return self.php(module, name, f"class {name}Controller extends AbstractController\n{{\n{methods(*actions)}}}\n")

    def php(self, module: str, name: str, code: str) -> Path:
        """Write the file of a controller."""
        return self.write(f"{module}/Controller/{name}Controller.php", f"<?php\n\nnamespace Spryker;\n\n{code}")

    def navigation(self, folder: str, *entries: str) -> Path:
        """Write a navigation."""
        return self.write(f"{folder}/navigation.xml", f'<?xml version="1.0"?>\n<config>{"".join(entries)}</config>\n')


def methods(*actions: str) -> str:
    """The methods of these actions."""
    return "".join(map(ACTION.format, actions))


def entry(key: str, label: str, path: str = "", *pages: str, visible: int | None = None) -> str:
    """An entry of a navigation, with those below it."""
    names = ("bundle", "controller", "action")
    fields = [f"<{name}>{part}</{name}>" for name, part in zip(names, filter(None, path.split("/")), strict=False)]
    shown = [] if visible is None else [f"<visible>{visible}</visible>"]
    below = [f"<pages>{''.join(pages)}</pages>"] if pages else []
    return f"<{key}>{''.join([f'<label>{label}</label>', *fields, *shown, *below])}</{key}>"


def small_shop(root: Path) -> ShopCode:
    """A shop whose pages are those of users, groups and roles, as vendors name them, and a dashboard of its own."""
    code = ShopCode(root)
    code.controller(ACL, "Group", "index", "table", "add", "edit", "users", "deleteUserFromGroup", "delete")
    code.controller(ACL, "Role", "index", "table", "create", "update", "delete")
    code.controller(ACL, "Gateway", "checkPermission")
    code.controller(USER, "Index", "index", "table")
    code.controller(USER, "Edit", "create", "update", "activate", "deactivate", "delete")
    code.navigation(
        ACL,
        entry(
            "users",
            "Users Control",
            "",
            entry(
                "groups",
                "Groups",
                "acl/group/index",
                entry("add", "Create new Group", "acl/group/add", visible=0),
                entry("edit", "Edit Group", "acl/group/edit", visible=0),
            ),
            entry("roles", "Roles", "acl/role/index", entry("update", "Edit Role", "acl/role/update", visible=0)),
        ),
    )
    code.navigation(USER, entry("users", "Users Control", "", entry("user", "Users", "user")))
    code.controller("src/Pyz/Zed/Dashboard/Communication", "Index", "index")
    code.navigation("config/Zed", entry("dashboard", "Dashboard", "dashboard"))
    return code
