#include "common/cancellation.h"

#include <cassert>

namespace skein {

CancelToken::Registration& CancelToken::Registration::operator=(Registration&& other) noexcept {
  if (this != &other) {
    Detach();
    token_ = std::exchange(other.token_, nullptr);
    id_ = other.id_;
  }
  return *this;
}

void CancelToken::Registration::Detach() {
  if (!token_) return;
  std::lock_guard lock(token_->mu_);
  if (token_->callback_id_ == id_) token_->callback_ = nullptr;
  token_ = nullptr;
}

bool CancelToken::Cancel(Status reason) {
  assert(!reason.ok());
  std::lock_guard lock(mu_);
  if (cancelled_.load(std::memory_order_relaxed)) return false;
  reason_ = std::move(reason);
  cancelled_.store(true, std::memory_order_release);
  if (callback_) callback_();
  return true;
}

Status CancelToken::status() const {
  if (!cancelled()) return Status::OK();
  std::lock_guard lock(mu_);
  return reason_;
}

CancelToken::Registration CancelToken::OnCancel(std::function<void()> callback) {
  std::lock_guard lock(mu_);
  assert(!callback_);
  callback_ = std::move(callback);
  ++callback_id_;
  if (cancelled_.load(std::memory_order_relaxed)) callback_();
  return Registration(this, callback_id_);
}

}  // namespace skein
