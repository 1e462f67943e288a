//! The audit log of the API (target `fix_host::audit`).

use std::sync::{Arc, OnceLock};

use axum::{extract::Request, http::Method, response::Response};

use super::{
    guard::{Caller, Refused},
    token::Role,
};

/// What becomes known of a write while it is done. Clones tell the same line.
#[derive(Clone, Default)]
pub(super) struct Subject(Arc<Known>);

#[derive(Default)]
struct Known {
    order: OnceLock<String>,
    role: OnceLock<Role>,
}

impl Subject {
    /// It is about the order of this ClOrdID(11).
    pub(super) fn is_order(&self, cl_ord_id: &str) {
        self.0.order.get_or_init(|| cl_ord_id.to_owned());
    }

    /// Its caller has shown that this is what he may do.
    pub(super) fn has_role(&self, role: Role) {
        self.0.role.get_or_init(|| role);
    }
}

/// A write, for the audit log: a line for each, when this is dropped. So there is one too where the client has gone, and
/// with him the future that was to answer: what it handed over may be done all the same. A preview is none: it changes
/// nothing.
pub(super) struct Audited(Option<Write>);

struct Write {
    by: &'static str,
    path: String,
    subject: Subject,
    status: Option<u16>,
}

impl Audited {
    /// Puts a [`Subject`] into the request, for its handler.
    pub(super) fn of(request: &mut Request, checked: &Result<Caller, Refused>) -> Self {
        if request.method() != Method::POST || request.uri().path().ends_with("/preview") {
            return Audited(None);
        }
        let subject = Subject::default();
        request.extensions_mut().insert(subject.clone());
        let caller = checked.as_ref().map_or_else(|refused| refused.caller.as_ref(), Some);
        if let Some(role) = caller.and_then(Caller::known_role) {
            subject.has_role(role);
        }
        let by = caller.map_or("nobody", |caller| caller.by);
        Audited(Some(Write { by, path: request.uri().path().to_owned(), subject, status: None }))
    }

    /// The answer is there.
    pub(super) fn answered(mut self, response: &Response) {
        if let Some(write) = &mut self.0 {
            write.status = Some(response.status().as_u16());
        }
    }
}

impl Drop for Audited {
    fn drop(&mut self) {
        let Some(Write { by, path, subject, status }) = &self.0 else { return };
        let (order, role) =
            (subject.0.order.get().map(String::as_str), subject.0.role.get().map(|role| role.word()));
        let missing = if status.is_some() { "" } else { ": no answer: its connection had ended" };
        tracing::info!(
            target: "fix_host::audit", by, role, status, order, "HTTP API: POST {}{missing}", path.escape_debug()
        );
    }
}
