"""The errors the gateway raises on purpose: one sentence each, with the cause and the cure."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the command line, as the contract fixes them."""

    DONE = 0
    NEEDS_A_PERSON = 1
    WRONG_USAGE = 2
    OUT_OF_REACH = 3


class GatewayError(Exception):
    """What went wrong, to whom, and what to do about it.

    `cure` is an imperative sentence for an operator; `detail` is the technical cause. Neither ever
    holds a secret's value or a reporter's identity.
    """

    exit_code = ExitCode.NEEDS_A_PERSON
    kind = "error"

    def __init__(self, message: str, *, cure: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure
        self.detail = detail

    def __str__(self) -> str:
        return " ".join(
            part for part in (self.message, self.detail and f"({self.detail})", self.cure) if part
        )


class ConfigurationError(GatewayError):
    """A setting, a manifest or a command is wrong; nothing was started."""

    exit_code = ExitCode.WRONG_USAGE
    kind = "configuration"


class NotFoundError(GatewayError):
    """What was asked for does not exist."""

    exit_code = ExitCode.WRONG_USAGE
    kind = "not-found"


class NotAllowedError(GatewayError):
    """The lifecycle, a scope or a promise forbids it."""

    exit_code = ExitCode.NEEDS_A_PERSON
    kind = "not-allowed"


class OutOfReachError(GatewayError):
    """A source, the national side or the database could not be reached."""

    exit_code = ExitCode.OUT_OF_REACH
    kind = "out-of-reach"


class CredentialError(OutOfReachError):
    """A source or the national side refused our credential; the channel pauses and loses nothing."""

    exit_code = ExitCode.NEEDS_A_PERSON
    kind = "credential"


class SourceFaultError(GatewayError):
    """A source answered, but with what cannot be read; the channel stops at its last good checkpoint."""

    exit_code = ExitCode.NEEDS_A_PERSON
    kind = "source-fault"


class ConflictError(GatewayError):
    """Somebody else wrote the same complaint meanwhile; nothing was written, the work may simply run again."""

    kind = "conflict"


class LeaseLostError(GatewayError):
    """Another process took the lease over; this one must start no request any more."""

    kind = "lease-lost"
