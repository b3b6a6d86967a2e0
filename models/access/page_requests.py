"""Pages that open and do not work: requests that they are likely to make are denied."""

from collections.abc import Iterator

from models.access.decision import Chain, first_match
from models.access.regions import Branch, build_tree
from models.access.rules import ANY, Path
from models.pages.known import KnownPages, known_pages


def find_denied_requests(chain: Chain) -> Iterator[tuple[Path, tuple[Path, ...]]]:
    """The known pages that these rules allow, each with the requests of its controller that they do not.

    A page has a label; a request is an action without one. What a rule denies by its name is meant to be denied.
    """
    pages = known_pages()
    for bundle, controller in _mixed_controllers(build_tree(chain), pages):
        allowed, denied = [], []
        for action in pages.names(bundle, controller):
            path = Path(bundle, controller, action)
            decision = first_match(path, chain)
            if str(path) in pages.labels:
                allowed += [path] * decision.allowed
            elif not decision.allowed and (decision.rule is None or decision.rule.path.action == ANY):
                denied.append(path)
        if denied:
            yield from ((page, tuple(denied)) for page in allowed)


def _mixed_controllers(branch: Branch, pages: KnownPages) -> Iterator[tuple[str, str]]:
    """The bundle and name of each known controller some of whose actions are allowed, and some are not."""
    if len(branch.parts) < 2:
        for below in branch.below:
            yield from _mixed_controllers(below, pages)
    elif branch.below:
        bundle = branch.parts[0]
        for one in [bundle] if isinstance(bundle, str) and bundle != ANY else pages.names():
            for other in pages.names(one):
                if branch.scope.covers(Path(one, other, ANY)):
                    yield one, other
