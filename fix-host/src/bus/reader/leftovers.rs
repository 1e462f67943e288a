//! Entries that an earlier process took and did not answer.

use std::sync::Arc;

use redis::{RedisResult, aio::MultiplexedConnection, cmd, pipe};

use super::Counter;
use crate::{
    bus::{keys::PROCESSING, writer::push_reports},
    clock::utc_now,
    contract::{
        parse::Read,
        report::{LEFT_OVER, Report},
        request::{OrderReply, Task},
    },
};

/// Reports each, oldest first, and takes it off the list in the same step.
pub(super) async fn report(counter: &Counter, connection: &mut MultiplexedConnection) -> RedisResult<()> {
    loop {
        let oldest: Option<Vec<u8>> = cmd("LINDEX").arg(PROCESSING).arg(-1).query_async(connection).await?;
        let Some(entry) = oldest else { return Ok(()) };
        let report = match counter.intake.read(&entry, utc_now()) {
            // A session that knows the order reports what is to be reported, and asks for it.
            Ok(Read { command, .. }) => match counter.intake.submit(Task::LeftOver(command.clone())).await {
                Ok(OrderReply::Noted) => None,
                _ => Some(Report::state_unknown_of(&command, LEFT_OVER).with_process_id()),
            },
            Err(error) => Some(Report::state_unknown(error.cl_ord_id, LEFT_OVER).with_process_id()),
        };
        let mut pipe = pipe();
        pipe.atomic();
        if let Some(report) = &report {
            tracing::warn!(order = report.cl_ord_id().unwrap_or("without an id"), "{LEFT_OVER}");
            push_reports(&mut pipe, &[&report.to_json()]);
        }
        pipe.cmd("LREM").arg(PROCESSING).arg(-1).arg(&entry).ignore();
        pipe.query_async::<()>(connection).await?;
        if let Some(report) = report {
            counter.board.put_report(Arc::new(report));
        }
    }
}
