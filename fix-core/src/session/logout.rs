//! The Logout exchange: ours, theirs, and a Logout that says why the connection is closed (cases 12, 13).

use super::{
    Session,
    admin::{Admin, LogoutText},
    application::Application,
    context::Context,
    event::Reason,
    output::Buffer,
    state::{CloseReason, Phase, Trigger},
};
use crate::store::MessageStore;

impl<B: Buffer, S: MessageStore> Session<B, S> {
    /// Asks for a Logout; before the Logon is through the connection is just closed.
    pub(crate) fn logout(&mut self, text: Option<&str>, app: &mut dyn Application) {
        self.owe_logout(text);
        if matches!(self.phase, Phase::AwaitLogon | Phase::LogonOwed | Phase::LogonSent) {
            self.close(CloseReason::LoggedOutBeforeLogon, app);
        }
    }

    pub(crate) fn owe_logout(&mut self, text: Option<&str>) {
        if self.phase == Phase::LoggedOn {
            self.logout_owed.get_or_insert_with(|| LogoutText::custom(text));
        }
    }

    pub(super) fn logout_work(&mut self, cx: &mut Context<'_>) -> bool {
        if self.replay.is_active() {
            return false;
        }
        let Some(text) = self.logout_owed.take() else { return false };
        self.start_logout(cx, &text);
        true
    }

    /// Sends a Logout and waits for the answer.
    pub(super) fn start_logout(&mut self, cx: &mut Context<'_>, text: &LogoutText) {
        if self.phase == Phase::LoggedOn {
            self.send_admin(cx, &Admin::Logout { text });
            self.transition(Trigger::LogoutWritten, cx.app);
            self.deadline = Some(cx.now.mono.after(self.config.logout_timeout));
        }
    }

    pub(super) fn logout_received(&mut self, cx: &mut Context<'_>, number: u64) {
        self.consume(cx, number);
        self.logged_out = true;
        if self.phase == Phase::LogoutSent {
            self.close(CloseReason::LogoutAnswered, cx.app);
        } else {
            self.say_goodbye(cx, &LogoutText::None, CloseReason::LogoutReceived);
        }
    }

    pub(super) fn refuse(&mut self, cx: &mut Context<'_>, reason: Reason, text: &'static str) {
        cx.decide(reason, 0, self.next_in());
        self.say_goodbye(cx, &LogoutText::Static(text), CloseReason::Violation(reason));
    }

    /// A Logout whose answer is not waited for.
    pub(super) fn say_goodbye(&mut self, cx: &mut Context<'_>, text: &LogoutText, reason: CloseReason) {
        self.replay.clear();
        self.send_admin(cx, &Admin::Logout { text });
        self.close(reason, cx.app);
    }
}
