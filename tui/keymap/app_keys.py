"""The keys that work on every page."""

from functools import partial

from textual.binding import Binding, BindingType

_hidden = partial(Binding, show=False)
_anywhere = partial(Binding, show=False, priority=True)
"""Works in dialogs, the palette and help too."""


APP_KEYS: list[BindingType] = [
    _hidden("1", "section('users')", "Users", tooltip="Go to Users", id="app.users"),
    _hidden("2", "section('groups')", "User Groups", tooltip="Go to User Groups", id="app.groups"),
    _hidden("3", "section('roles')", "User Roles", tooltip="Go to User Roles", id="app.roles"),
    _hidden("4", "section('access')", "Access", tooltip="Go to Access", id="app.access"),
    _hidden("left_square_bracket,alt+left", "go(-1)", "Go back", tooltip="Go to where you were before", id="app.back"),
    _hidden("right_square_bracket,alt+right", "go(1)", "Go forward", tooltip="Go forward again", id="app.forward"),
    _hidden(
        "f8",
        "copy_command",
        "Copy command",
        tooltip="Copy the command that does the same as your last change",
        id="app.copy_command",
    ),
    Binding("question_mark,f1", "help", "Help", tooltip="Keyboard shortcuts", id="app.help"),
    _anywhere("ctrl+p", "command_palette", "Palette", tooltip="Search records and commands", id="app.palette"),
    _hidden("colon", "command_palette", "Palette", tooltip="Search records and commands", id="app.command"),
    _anywhere("escape", "clear_messages", "Clear messages", tooltip="Clear messages", id="app.clear_messages"),
    _anywhere("ctrl+l", "redraw", "Redraw screen", tooltip="Redraw screen", id="app.redraw"),
    _hidden("W", "unlock", "Lock/unlock", tooltip="Allow changes for some minutes, or no longer", id="app.unlock"),
    _hidden("ctrl+z", "suspend_process", "Suspend", tooltip="Suspend (fg resumes)", id="app.suspend"),
    _hidden("q", "quit", "Quit", tooltip="Quit", id="app.leave"),
    _anywhere("ctrl+q,ctrl+c", "quit", "Quit", tooltip="Quit", id="app.quit"),
]
