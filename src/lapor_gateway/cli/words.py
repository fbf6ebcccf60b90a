"""Words that a person types for one of a few."""

from collections.abc import Iterable

from lapor_gateway.errors import ConfigurationError


def known_state(state: str | None, known: Iterable[str]) -> str | None:
    """`state` where it is one of the known ones, or none was typed. Raises `ConfigurationError` naming them."""
    words = list(known)
    if state is not None and state not in words:
        raise ConfigurationError(f"There is no state {state}.", cure=f"Known are: {', '.join(words)}.")
    return state
