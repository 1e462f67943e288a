//! An order between the client who brought it and the session that sends it.

use std::{sync::Arc, time::Duration};

use tokio::{
    runtime::Handle,
    sync::oneshot,
    time::{Instant, timeout_at},
};

use super::{answer::Answer, server::Api};
use crate::contract::{
    order::OrderCommand,
    publisher,
    report::Report,
    request::{OrderReply, STOPPED, Task},
};

/// How long the engine may take to answer.
pub(super) const LONGEST_REPLY: Duration = Duration::from_secs(5);

/// An order that was handed over and not answered yet. Dropped before that, because the client hung up or waits no
/// longer, it goes on by itself: an order that is not sent is reported, whoever listens.
pub(super) struct Underway {
    api: Arc<Api>,
    /// Taken with the answer.
    waiting: Option<(Arc<OrderCommand>, oneshot::Receiver<OrderReply>)>,
}

impl Underway {
    /// Hands `command` to its session.
    pub(super) fn begin(api: &Arc<Api>, command: OrderCommand) -> Self {
        let command = Arc::new(command);
        let reply = api.intake.hand_over(Task::Send(Arc::clone(&command)));
        Underway { api: Arc::clone(api), waiting: Some((command, reply)) }
    }

    /// Waits for the answer, at most until then.
    pub(super) async fn answer(mut self, until: Instant) -> Answer {
        let Some((command, reply)) = &mut self.waiting else {
            return Answer::unknown("");
        };
        let Ok(reply) = timeout_at(until, reply).await else {
            return Answer::late(command.cl_ord_id());
        };
        let Some((command, _)) = self.waiting.take() else {
            return Answer::unknown("");
        };
        match reply {
            Ok(reply) => {
                if let Some(report) = due(&command, &reply) {
                    // The client waits no longer than for the engine; the report goes on without him.
                    let _ = timeout_at(until, publish(&self.api, report)).await;
                }
                Answer::of_reply(&command, reply)
            }
            Err(_) => Answer::unknown(command.cl_ord_id()),
        }
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        let Some((command, reply)) = self.waiting.take() else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        let api = Arc::clone(&self.api);
        runtime.spawn(async move {
            if let Some(report) = reply.await.ok().and_then(|reply| due(&command, &reply)) {
                publish(&api, report).await;
            }
        });
    }
}

/// The report of an order that is not sent. There is none of a duplicate: among the reports it would pass for the end of
/// the order that has the id.
fn due(command: &OrderCommand, reply: &OrderReply) -> Option<Report> {
    let text = match reply {
        OrderReply::SimMode { text, .. } | OrderReply::Rejected { text } => text,
        OrderReply::Stopped => STOPPED,
        OrderReply::Accepted { .. }
        | OrderReply::Duplicate { .. }
        | OrderReply::Noted
        | OrderReply::Preview(_) => return None,
    };
    Some(Report::not_sent(command, text))
}

/// Publishes a report, also where that takes longer than the client waits.
async fn publish(api: &Arc<Api>, report: Report) {
    let api = Arc::clone(api);
    let published = tokio::spawn(async move {
        let cl_ord_id = report.cl_ord_id().unwrap_or_default().to_owned();
        if let Err(error) = publisher::report(api.publisher.as_ref(), report).await {
            tracing::error!(cl_ord_id, "an answer was not published: {error}");
        }
    });
    // An error is a panic of the publisher, which has said so.
    let _ = published.await;
}
