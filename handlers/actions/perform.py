"""From an effect to the action that does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from handlers.actions import (
    absence,
    appointing,
    consent,
    deciding,
    desk,
    erasing,
    explaining,
    filing,
    groups,
    handing,
    hearing,
    joining,
    people,
    pins,
    supervising,
    taps,
    tickets,
    verdicts,
    visiting,
)
from handlers.flows import effects
from handlers.messages import Effect
from handlers.session import Session
from storage.tables import Attachment


def perform(session: Session, effect: Effect) -> None:
    """Do one effect. KeyError is a fault of ours: an effect that nobody does."""
    _ACTIONS[type(effect)](session, effect)


def _discard_media(session: Session, effect: effects.DiscardMedia) -> None:
    """The files themselves go with the next sweep of orphans."""
    for key in effect.media:
        file = session.plan.one(Attachment, key)
        if file is not None and session.writing and file.address_id == session.writing.address.id:
            file.state, file.address_id, file.ref_sealed = "discarded", None, None


_ACTIONS: dict[type[Effect], Callable[[Session, Any], None]] = {
    effects.OpenTicket: tickets.open_ticket,
    effects.ReferTicket: tickets.refer_ticket,
    effects.AddToTicket: tickets.add_to_ticket,
    effects.ConfirmHeard: hearing.confirm,
    effects.CorrectHeard: hearing.correct,
    effects.WriteHeard: hearing.write_out,
    effects.ReopenTicket: tickets.reopen_ticket,
    effects.AcceptTicket: verdicts.accept,
    effects.RateTicket: verdicts.rate,
    effects.WithdrawTicket: verdicts.withdraw,
    effects.LockTicket: pins.lock,
    effects.RenewPin: pins.renew,
    effects.SetLanguage: people.set_language,
    effects.SetName: people.set_name,
    effects.AgreeToNews: consent.settle,
    effects.DiscardMedia: _discard_media,
    effects.EraseMe: erasing.erase,
    effects.CountPinTry: pins.count_try,
    effects.ShowJoinCode: joining.show_code,
    effects.CountJoinTry: joining.count_try,
    effects.JoinByCode: joining.join_by_code,
    effects.JoinByCase: joining.join_by_case,
    effects.LeaveOthers: joining.leave,
    effects.Enrol: people.enrol,
    effects.TakeTicket: desk.take,
    effects.AnswerTicket: desk.answer,
    effects.AskCitizen: desk.ask,
    effects.FinishTicket: desk.finish,
    effects.AddClosingPhotos: desk.add_closing_photos,
    effects.PostponeTicket: desk.postpone,
    effects.NoteTicket: desk.note,
    effects.ForwardTicket: handing.forward,
    effects.HandBack: handing.hand_back,
    effects.UndoTap: taps.undo,
    effects.RemindDesk: supervising.remind,
    effects.AskExplanation: explaining.ask,
    effects.Explain: explaining.explain,
    effects.SetPriority: supervising.prioritize,
    effects.FileLetter: filing.file,
    effects.RecordFinding: visiting.record,
    effects.RemindLate: supervising.remind_late,
    effects.Acknowledge: supervising.acknowledge,
    effects.GoOnLeave: absence.go,
    effects.EndLeave: absence.come_back,
    effects.RecordTicket: tickets.record_ticket,
    effects.BindGroup: groups.bind,
    effects.BindUnit: groups.bind_unit,
    effects.UnbindGroup: groups.unbind,
    effects.Propose: deciding.propose,
    effects.SignDecision: deciding.sign_tapped,
    effects.UndoDecision: deciding.undo_tapped,
    effects.ProposeAct: appointing.propose,
    effects.SignAct: appointing.sign_tapped,
    effects.UndoAct: appointing.undo_tapped,
}
