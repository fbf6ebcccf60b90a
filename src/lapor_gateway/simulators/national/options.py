"""The command line of the simulated national endpoint."""

import argparse
from pathlib import Path

from lapor_gateway.simulators.national.accounts import Account, parse_account
from lapor_gateway.simulators.national.endpoint import Rules
from lapor_gateway.simulators.national.faults import KINDS, Fault
from lapor_gateway.simulators.national.logs import Shape
from lapor_gateway.simulators.national.masters import NAMES
from lapor_gateway.simulators.national.store import Awkwardness

_EPILOG = """\
Example, to train with:

  lapor-gateway simulate national --port 8090 --data /tmp/lapor --plain
  then open http://127.0.0.1:8090/ : see what arrives, verify, forward, answer and close it as an officer
  would, or file a complaint directly at LAPOR!. Stop with Ctrl-C; the next start with the same --data goes
  on where this one ended. docs/simulators.md is a lesson.

Speaks lapor-v3, and on the same port lapor-stream (POST /api/stream/addstream) and lapor-f01
(POST /api/services/f01/gettopics and …/getlist); these take an account's token alone. GET /export.xlsx
(?account= &institution=) is the spreadsheet that administrators download.

Awkward by default: the list lags and has no order by time, now and then a text comes back HTML-escaped or
with other white space, next_page_url has lost its parameters, and some complaints are committed only after
the client has given up. --plain takes all of that away.

Fault script (TOML), --faults FILE or POST /_control/faults with the same as JSON:

  seed = 7                        # optional, goes before --seed
  [[fault]]
  kind = "error_500_after_commit" # one of the kinds below
  on = "create"                   # create (default), list (default for list faults), detail, followups,
                                  # file, follow_up_add, reject, masters, stream, f01, any
  share = 0.05                    # this share of the requests
  [[fault]]
  kind = "reset_before_commit"
  at = [3, 10]                    # exactly these requests of the call, counted from 1 since loading
  [[fault]]
  kind = "error_503"              # a total outage
  on = "any"
  from = 100                      # requests 100 to 199; "after" and "until" do the same in seconds
  to = 199
  Further keys: account, status, retry_after (s), delay (s before the answer, or of a late commit after
  the client hung up), seconds (of "refuse"). All conditions of a rule must hold. Rules without a share
  go first, in the file's order.

Kinds:
{kinds}

Control, on the same port, without credentials:
  GET  /_control/state    what was truly committed, and the counts
  GET  /_control/counts   complaints, posts, requests
  POST /_control/faults   replace the fault script
  POST /_control/preload  [{{"id", "title", "content", "account"?, "status_name"?, "created_at"?}}]
  POST /_control/change   {{"id", "disposition_id"?, "status_name"?, "reason"?, "follow_up"?, "template_code"?,
                           "institution"?, "reply"?}}
  POST /_control/file     {{"title", "content", "via"?, "account"?, "disposition_id"?, "name"?, "is_secret"?, …}}
                          a citizen's complaint, filed at LAPOR! itself
  POST /_control/token    {{"expires_in": s, "account"?, "login_page"?}} or {{"renew": true, "account"?, "auth"?,
                          "token"?}}
  POST /_control/mode     {{"slow": s, "quiet": bool}}: all answers late, or none at all
  POST /_control/clock    {{"offset": s}}: Date header, created_at and log lines are so far off
  POST /_control/masters  {{"name": one of {masters}, "rows": [{{"id", "name"}}]}}
  POST /_control/export   {{"path", "account"?, "institution"?}}
  POST /_control/remove   {{"id"}}

With --data DIR every request is a line of DIR/requests.jsonl, and complaints are kept in DIR/national.db.
"""


class Options(argparse.Namespace):
    """The parsed command line; times in seconds, limits in characters or bytes, shares from 0 to 1."""

    port: int
    data: Path | None
    memory: bool
    account: list[Account]
    preload: Path | None
    faults: Path | None
    seed: int
    maximum_lag: float
    late_commit_share: float
    late_commit_delay: float
    altered_share: float
    plain: bool
    content_limit: int
    file_limit: int
    log_shape: Shape
    export: Path | None
    clock_offset: float
    token_expires_after: float | None
    login_page: bool
    body_limit: int
    create_path: str
    base_path: str
    end_with_stdin: bool

    def awkwardness(self) -> Awkwardness:
        if self.plain:
            return Awkwardness(maximum_lag=0.0, altered_share=0.0, shuffled=False)
        return Awkwardness(maximum_lag=self.maximum_lag, altered_share=self.altered_share)

    def rules(self) -> Rules:
        return Rules(
            content_limit=self.content_limit,
            file_limit=self.file_limit,
            log_shape=Shape.FLAT if self.plain else self.log_shape,
            create_path=self.create_path,
            base_path=self.base_path.rstrip("/"),
            full_next_url=self.plain,
            late_commit_delay=self.late_commit_delay,
        )

    def standing_faults(self) -> list[Fault]:
        if self.plain or not self.late_commit_share:
            return []
        return [Fault("late_commit", share=self.late_commit_share)]


def parse_options(arguments: list[str] | None = None) -> Options:
    """Read the command line; ends the process with 2 and a sentence where it is wrong."""
    kinds = "\n".join(f"  {name:31} {kind.says}" for name, kind in KINDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m lapor_gateway.simulators.national",
        description="A simulated SP4N-LAPOR! endpoint (lapor-v3, lapor-stream, lapor-f01) on loopback.",
        epilog=_EPILOG.format(kinds=kinds, masters=", ".join(NAMES)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=int, default=0, help="port on 127.0.0.1; 0 (default) takes a free one")
    add("--data", type=Path, metavar="DIR", help="folder for the store and the log of requests")
    add("--memory", action="store_true", help="keep no complaints on disk, even with --data")
    add("--account", type=_account, action="append", default=[], metavar="NAME=AUTH:TOKEN", help=_ACCOUNT)
    add("--preload", type=Path, metavar="FILE", help="complaints typed in by hand before (JSON lines)")
    add("--faults", type=Path, metavar="FILE", help="fault script, see below")
    add("--seed", type=int, default=1, help="decides faults, delays, numbers (default 1)")
    add("--maximum-lag", type=float, default=1.0, metavar="S", help="the list shows all after S s (1)")
    add("--late-commit-share", type=float, default=0.005, metavar="X", help="commits after hang-up (0.005)")
    add("--late-commit-delay", type=float, default=0.5, metavar="S", help="s from hang-up to commit (0.5)")
    add("--altered-share", type=float, default=0.1, metavar="X", help="texts that come back altered (0.1)")
    add("--plain", action="store_true", help="not awkward: no lag, no late commits, nothing altered")
    add("--content-limit", type=int, default=50_000, metavar="N", help="longest text, characters (50000)")
    add("--file-limit", type=int, default=5 * 2**20, metavar="N", help="largest file, bytes (5 MiB)")
    add("--log-shape", type=Shape, choices=list(Shape), default=Shape.MIXED, help="of log lines (mixed)")
    add("--clock-offset", type=float, default=0.0, metavar="S", help="its clock is so many seconds off (0)")
    add("--token-expires-after", type=float, metavar="S", help="every credential runs out after S s")
    add("--login-page", action="store_true", help="then a login page with 200 instead of 401")
    add("--export", type=Path, metavar="FILE", help="write the spreadsheet of what --data holds, and end")
    add("--body-limit", type=int, default=32 * 2**20, metavar="N", help="largest request, bytes (32 MiB)")
    add("--create-path", default="/complaints/complaint", metavar="PATH", help="an agency's own path")
    add("--base-path", default="", metavar="PATH", help="prefix of all calls, such as /lapor/3.0.0")
    add("--end-with-stdin", action="store_true", help="end when standard input closes (with the parent)")
    return parser.parse_args(arguments, Options())


_ACCOUNT = "an account let in (repeatable); without any, every pair of credentials is an account"


def _account(text: str) -> Account:
    try:
        return parse_account(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
