"""What every reason means, and the one command that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.model.card import CardState
from sps.model.event import EventKind
from sps.model.run import NO_ATTEMPT
from sps.ports.store import EventQuery

if TYPE_CHECKING:
    from sps.model.card import Card
    from sps.model.project import Project
    from sps.ports.store import Reading

_LOOK = "sps card show {project} {seq} --diff"
_RETRY = "sps card retry {project} {seq}"
_EDIT = "sps card edit {project} {seq} --help"
_SHOW = "sps card show {project} {seq}"
_DOCTOR = "sps doctor {project}"
_LOGS = "sps logs {project} {seq}"
_LINT = "sps pipeline lint {project}"
_HALT = "sps why {project}"
_PIPELINE = "sps pipeline show {project}"


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """A reason in words, and what to type. An empty command: it goes on by itself. `then`: what to
    type when that is done."""

    says: str
    command: str = ""
    then: str = ""


_BY_ITSELF = " It is tried again by itself."
_REPAIR = " Repair the file, then: sps card retry {project} {seq}."
_DECIDE = (
    " Look at the change; then `sps card approve {project} {seq}` accepts exactly this one, and "
    "`sps card reject {project} {seq} --comment TEXT` sends it back."
)

ADVICE: dict[str, tuple[str, str]] = {
    # its owner's own doing
    "cancelled": ("You cancelled it; it is held in planning until you release it.",
                  "sps card move {project} {seq} backlog"),
    # waiting for a person
    "awaiting-approval": ("The gates passed; a person has to approve or reject the change."
                          + _DECIDE, _LOOK),
    "target-dirty": ("The work is ready, but the target branch is checked out with changes that "
                     "are not committed, and is not moved under those, in whichever files they "
                     "are. Commit or stash them there; landing goes on by itself.",
                     "git -C {repo} status"),
    "target-refused": ("The work is ready, but the landing target did not accept it. The detail "
                       "says why; mend that, and landing goes on by itself.", _SHOW),
    "sign-no-key": ("The work is ready, but your git names no key to sign the landing with. Set "
                    "user.signingkey; landing goes on by itself.",
                    "git -C {repo} config --get user.signingkey"),
    "sign-locked": ("The work is ready, but the key that signs landings is locked and SPS asks "
                    "nobody. Unlock it (ssh-add, or sign something with gpg); landing goes on by "
                    "itself.", _SHOW),
    "sign-failed": ("The work is ready, but the program that signs landings failed. The detail has "
                    "its words; mend that, and landing goes on by itself.", _SHOW),
    "remote-login": ("The landing target's host does not know you. Log in there as you would to "
                     "push by hand; the project then goes on by itself, no card has lost anything.",
                     "git -C {repo} push --dry-run origin"),
    "remote-unreachable": ("The landing target's host does not answer. No card has lost anything; "
                           "the project goes on by itself when it does.",
                           "git -C {repo} ls-remote origin"),
    # what the card or the pipeline says
    "unknown-skill": ("The card or its stage names a skill that this home does not have (sps skill "
                      "list shows them)." + _REPAIR, _RETRY),
    "unknown-after": ("The card waits for a card that does not exist." + _REPAIR, _RETRY),
    "parent-dropped": ("The card waits for a card that was dropped. Take the number out of "
                       "`after`, or drop this card too." + _REPAIR, _EDIT),
    "cycle": ("Cards wait for each other in a circle. Take one number out of `after`." + _REPAIR,
              _EDIT),
    "unknown-agent": ("The card, its stage or the project names an agent that this home does not "
                      "know (sps agent list shows them)." + _REPAIR, _RETRY),
    "budget": ("The card has used up what it may cost. Raise `budget` in the pipeline, then retry.",
               _RETRY),
    "pipeline-broken": ("The project's pipeline file has mistakes.", _LINT),
    "pipeline-missing": ("The project's pipeline file is gone.",
                         "sps pipeline use {project} FILE"),
    "no-project": ("The project of this card is gone.", "sps project list"),
    # what the gates and the checks of a change found
    "gate-failed": ("A gate failed on the merged tree. The agent got its output.", _RETRY),
    "gate-not-run": ("A gate could not be started at all." + _BY_ITSELF, _DOCTOR),
    "base-red": ("A gate fails on the target branch itself, without any card. Repair the target, "
                 "or the gate's command in the pipeline; the project then goes on by itself.",
                 _HALT),
    "setup-failed": ("The environment of the project cannot be made. Mend the setup's command, its "
                     "hosts or its toolchains in the pipeline, or the target; it is tried again "
                     "then, and every ten minutes.", _HALT),
    "setup-not-run": ("The environment's setup could not be started at all." + _BY_ITSELF, _DOCTOR),
    "setup-refused": ("The setup made something that is not kept; the detail says what.", _HALT),
    "setup-lost": ("The environment was gone as soon as it was made." + _BY_ITSELF, _DOCTOR),
    "bad-tool": ("A folder of `environment.tools` is not there or must not be shown.", _LINT),
    "environment-gone": ("The environment was dropped just then." + _BY_ITSELF, ""),
    "environment-committed": ("The change adds files below a path of `environment.keep`, which "
                              "setup makes. The agent was told.", _RETRY),
    "keep-in-the-way": ("Something of the repository lies where a path of `environment.keep` "
                        "belongs.", _LINT),
    "paused": ("You paused the project: what runs goes on to its end, nothing new starts.",
               "sps project set {project} --resume"),
    "card-failed": ("A card needs a person, and the pipeline says to stop then (`on_fail: halt`). "
                    "The project goes on once no card waits.",
                    "sps card list {project} --state needs_human"),
    "conflict": ("The change conflicts with the target. The agent got the conflict to solve.",
                 _RETRY),
    "rebase-failed": ("The commits could not be replayed one by one onto the target.", _RETRY),
    "secret": ("The change holds something that looks like a password or key. It must never land.",
               _SHOW),
    "skill-committed": ("The change holds files of a skill that was only lent to its agent.",
                        _RETRY),
    "lfs-content": ("The change adds a file that the repository keeps in Git LFS, and SPS cannot "
                    "upload it. Add the file yourself, or let the card do without.", _LOOK),
    "conflict-marker": ("The change holds an unresolved conflict.", _RETRY),
    "diff-too-large": ("The change is too large to be checked. Split the card.", _EDIT),
    "ci-edited": ("The change edits CI configuration." + _DECIDE, _LOOK),
    "gate-edited": ("The change edits what the gates run." + _DECIDE, _LOOK),
    "agent-edited": ("The change edits what agents, editors or shells obey when somebody opens the "
                     "folder." + _DECIDE, _LOOK),
    "test-deleted": ("The change deletes a test." + _DECIDE, _LOOK),
    "test-skipped": ("The change skips a test." + _DECIDE, _LOOK),
    "test-weakened": ("The change takes assertions out of a test." + _DECIDE, _LOOK),
    "gitlink": ("The change moves a submodule." + _DECIDE, _LOOK),
    "symlink": ("The change adds a link that leaves the repository." + _DECIDE, _LOOK),
    # reviews
    "changes-requested": ("A reviewer asked for changes. The agent got the comments.", _RETRY),
    "no-verdict": ("The reviewer left no valid verdict; that is never an approval." + _BY_ITSELF,
                   _RETRY),
    # how the agent's session ended
    "no-change": ("The agent finished without changing anything, in two attempts. Say in the card "
                  "what is to be done and retry it, or drop it. The scripted agent carries out "
                  "only the blocks of a card: sps help cards lists them.", _EDIT),
    "failed": ("The agent itself said that it failed.", _RETRY),
    "refused": ("The agent refused the task. Say it differently, then retry.", _EDIT),
    "crashed": ("The agent crashed." + _BY_ITSELF, _RETRY),
    "protocol": ("The agent and SPS did not understand each other." + _BY_ITSELF, _DOCTOR),
    "flood": ("The agent wrote more than any agent may.", _LOGS),
    "timeout": ("The agent took longer than its stage allows (`timeout` in the pipeline).", _RETRY),
    "idle-timeout": ("The agent gave no sign of life for too long (`idle_timeout` in the "
                     "pipeline).", _RETRY),
    "rate-limit": ("The provider asked for patience." + _BY_ITSELF, ""),
    "login-busy": ("Another session has the agent's login for itself, which cannot be shared while "
                   "it may be renewed." + _BY_ITSELF, "sps worker ps"),
    "login-required": ("The agent is not logged in; a retry uses no attempt.", "sps agent doctor"),
    "login-refused": ("The agent's vendor does not take its key or login any more; it needs "
                      "another one. A key is read from a file that you make (key.txt, the key "
                      "alone in it); at a terminal it is asked for when none is given. A retry "
                      "uses no attempt.", "sps agent doctor"),
    "agent-missing": ("The agent cannot be started here as it was asked for; a retry uses no "
                      "attempt.", "sps agent doctor"),
    "agent-misconfigured": ("The agent's entry in agents.yaml and what the agent offers or needs "
                            "do not fit; the detail names the key. A retry uses no attempt.",
                            "sps agent doctor"),
    "vendor-unreachable": ("A host that the agent needs cannot be reached from this machine. That "
                           "uses no attempt." + _BY_ITSELF, _RETRY),
    "interrupted": ("SPS was stopped while the agent worked." + _BY_ITSELF, ""),
    "target-rewritten": (
        "The target dropped the commit this work began from; it is done again on the new target."
        + _BY_ITSELF, ""),
    "comment": ("You said something just as the session ended; it is taken up." + _BY_ITSELF, ""),
    # the machine
    "landing-in-flight": ("The target may have it at this moment; look again when that is known.",
                          "sps why {project} {seq}"),
    "disk-full": ("The disk of the home is nearly full; make room." + _BY_ITSELF, _DOCTOR),
    "git-missing": ("git was not found. Install it, then retry.", _DOCTOR),
    "git-failed": ("git failed; the detail has its own words.", _DOCTOR),
    "folder-lost": ("A folder of this home is gone; the detail names it. Put it back from a "
                    "backup, then retry.", "sps verify"),
    "partial-clone": ("The repository is a partial clone and misses objects that are needed. Fetch "
                      "all of it, then retry.", "git -C {repo} fetch --refetch --no-filter origin"),
    "target-missing": ("The repository or its branch is gone.", "sps project show {project}"),
    "no-bwrap": ("The sandbox (bubblewrap) does not work here.", _DOCTOR),
    "database-unreachable": ("The database did not answer." + _BY_ITSELF, _DOCTOR),
    "home-unreachable": ("A worker could not reach the home's vault." + _BY_ITSELF,
                         "sps worker ps"),
    "no-vaults": ("The home has not said yet where its vaults lie." + _BY_ITSELF, "sps up"),
    "database-locked": ("Another program held the database for too long." + _BY_ITSELF, ""),
    "system": ("The machine refused something; the detail says what." + _BY_ITSELF, _DOCTOR),
}  # fmt: skip


def advice(reason: str, card: Card, repo: str) -> Advice:
    """Return the words for a reason of a card; an unknown one is given as it is."""
    found = _words(reason, project=card.project, seq=card.seq, repo=repo)
    if card.state is not CardState.NEEDS_HUMAN:
        return found
    retry = _RETRY.format(project=card.project, seq=card.seq)
    then = retry if reason in NO_ATTEMPT and found.command != retry else ""
    # It was tried again, and that is over: now it waits.
    return msgspec.structs.replace(found, says=found.says.replace(_BY_ITSELF, ""), then=then)


def advice_now(tx: Reading, card: Card, repo: str) -> Advice:
    """Return the words for the reason that a card stands there for; what stopped it may have known
    a better command than its reason does."""
    found = advice(card.reason or "", card, repo)
    if not found.then:
        return found
    events = tx.events(EventQuery(card_id=card.id))
    moves = [one.payload for one in events if one.kind is EventKind.CARD_MOVED]
    return msgspec.structs.replace(found, command=moves[-1].get("next") or found.command)


def project_advice(reason: str, project: Project) -> Advice:
    """Return the words for the reason that a project is halted for."""
    found = _words(reason, project=project.name, seq="SEQ", repo=project.repo)
    own = _HALT.format(project=project.name)
    # What fails stands in the pipeline; the words above have said the rest already.
    command = found.command if found.command != own else _PIPELINE.format(project=project.name)
    return msgspec.structs.replace(found, command=command)


def _words(reason: str, *, project: str, seq: int | str, repo: str) -> Advice:
    says, command = ADVICE.get(
        reason, ("It stopped with the reason {reason}; the detail says more.", _DOCTOR)
    )
    names = {"project": project, "seq": seq, "repo": repo, "reason": reason}
    return Advice(says=says.format(**names), command=command.format(**names))
