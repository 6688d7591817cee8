#pragma once

#include "frontends/http/query_request.h"
#include "frontends/http/responder.h"
#include "session/session.h"

namespace skein::frontends::http {

/// Runs the request's statements in `session` and answers with the last one's rows, streamed batch
/// by batch.
///
/// An error that comes before anything was sent is answered as one; later the transfer is broken
/// off, so that no client takes a part for the whole. The returned Status says whether the
/// connection can go on.
Status AnswerQuery(session::Session& session, const QueryRequest& request, Responder& responder);

}  // namespace skein::frontends::http
