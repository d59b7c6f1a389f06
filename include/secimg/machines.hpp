// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: sealing and opening piece by piece, for the caller's own files, sockets and event loops.
#ifndef SECIMG_CPP_MACHINES_HPP
#define SECIMG_CPP_MACHINES_HPP

#include "report.hpp"

namespace secimg {
inline namespace SECIMG_CPP_MODE {

/// Images go in, sealed bytes come out. It does no input or output and blocks on nothing.
///
/// After a failure it is of no more use: free it. Use one from one thread at a time.
class sealer : public detail::handle<secimg_sealer, secimg_sealer_free> {
 public:
  using handle::handle;

  [[nodiscard]] static outcome<sealer> create(const seal_options &options) {
    return detail::make<sealer>([&](secimg_sealer **out) { return secimg_sealer_new(options.native_handle(), out); });
  }

  /// Begins an image of `length` bytes, or SECIMG_LENGTH_UNKNOWN.
  outcome<void> start_item(std::uint64_t length) { return start_item(description(), length); }
  outcome<void> start_item(const description &what, std::uint64_t length) {
    return detail::deliver(secimg_sealer_start_item(native_handle(), what.native_handle(), length));
  }
  /// Takes what fits of the image's next bytes and says how many: fewer than all, also none, while output waits.
  [[nodiscard]] outcome<std::size_t> push(bytes_view data) {
    return detail::take<std::size_t>(
        [&](std::size_t &consumed) { return secimg_sealer_push(native_handle(), data.data(), data.size(), &consumed); });
  }
  outcome<void> end_item() { return detail::deliver(secimg_sealer_end_item(native_handle())); }
  /// Between items: seals a raw frame as the next one. All of it then waits as output.
  outcome<void> add_frame(const description &what, const frame_view &frame, compression how = compression::where_it_pays) {
    return detail::deliver(secimg_sealer_add_frame(native_handle(), what.native_handle(), frame.layout(), frame.samples(), frame.size(),
                                                   frame.stride(), static_cast<std::uint32_t>(how)));
  }
  /// Between items: pads, so that all before can be sent and opened.
  outcome<void> flush() { return detail::deliver(secimg_sealer_flush(native_handle())); }
  /// Between items: signs all before.
  outcome<void> checkpoint() { return detail::deliver(secimg_sealer_checkpoint(native_handle())); }
  outcome<void> finish() { return detail::deliver(secimg_sealer_finish(native_handle())); }

  /// Sealed bytes that wait to be sent or stored. They stay where they are until the next call that is not const.
  [[nodiscard]] outcome<bytes_view> peek() const {
    return detail::take<bytes_view>([&](bytes_view &out) {
      const std::uint8_t *data = nullptr;
      std::size_t size = 0;
      const secimg_status status = secimg_sealer_peek(native_handle(), &data, &size);
      out = bytes_view(data, size);
      return status;
    });
  }
  /// Says that so many of them are gone.
  outcome<void> consume(std::size_t count) { return detail::deliver(secimg_sealer_consume(native_handle(), count)); }

  /// Pushes all of `data`, and hands what comes out to `sink(bytes_view) -> bool`, which takes all that it is given, or answers false:
  /// SECIMG_ERR_IO. For blocking files and sockets.
  template <class Sink>
  outcome<void> write(bytes_view data, Sink &&sink) {
    bool sunk = true;
    const secimg_status status = write_raw(data, sink, sunk);
    return sunk ? detail::deliver(status) : refuse_sink();
  }
  /// Hands all that waits to `sink`.
  template <class Sink>
  outcome<void> drain(Sink &&sink) {
    bool sunk = true;
    const secimg_status status = drain_raw(sink, sunk);
    return sunk ? detail::deliver(status) : refuse_sink();
  }

  /// SECIMG_STATE_* together.
  std::uint32_t state() const noexcept { return secimg_sealer_state(native_handle()); }
  bool wants_input() const noexcept { return (state() & SECIMG_STATE_WANTS_INPUT) != 0; }
  bool has_output() const noexcept { return (state() & SECIMG_STATE_HAS_OUTPUT) != 0; }
  bool done() const noexcept { return (state() & SECIMG_STATE_DONE) != 0; }
  bool failed() const noexcept { return (state() & SECIMG_STATE_FAILED) != 0; }
  [[nodiscard]] outcome<digest> transfer_id() const {
    return detail::take<digest>([&](digest &out) { return secimg_sealer_transfer_id(native_handle(), out.data()); });
  }
  /// Why it failed, in whichever thread that was.
  std::string error_text() const {
    return detail::whole_text([&](char *buffer, std::size_t size) { return secimg_sealer_error(native_handle(), buffer, size); });
  }

 private:
  static outcome<void> refuse_sink() { return detail::refuse<void>(SECIMG_ERR_IO, "the sealed bytes could not be written"); }

  template <class Sink>
  secimg_status drain_raw(Sink &sink, bool &sunk) {
    for (;;) {
      const std::uint8_t *data = nullptr;
      std::size_t size = 0;
      const secimg_status status = secimg_sealer_peek(native_handle(), &data, &size);
      if (status != SECIMG_OK || size == 0) return status;
      sunk = sink(bytes_view(data, size));
      if (!sunk) return SECIMG_ERR_IO;
      const secimg_status consumed = secimg_sealer_consume(native_handle(), size);
      if (consumed != SECIMG_OK) return consumed;
    }
  }

  template <class Sink>
  secimg_status write_raw(bytes_view data, Sink &sink, bool &sunk) {
    for (;;) {
      std::size_t consumed = 0;
      const secimg_status pushed = secimg_sealer_push(native_handle(), data.data(), data.size(), &consumed);
      if (pushed != SECIMG_OK) return pushed;
      data = data.without_first(consumed);
      const secimg_status drained = drain_raw(sink, sunk);
      if (drained != SECIMG_OK || data.empty()) return drained;
    }
  }
};

/// What an opener has to say next.
enum class event : std::uint32_t {
  need_input = SECIMG_EVENT_NEED_INPUT,  ///< push more, or finish where the input has ended
  data = SECIMG_EVENT_DATA,              ///< peek and consume
  item = SECIMG_EVENT_ITEM,              ///< an image begins: manifest
  preview = SECIMG_EVENT_PREVIEW,
  item_end = SECIMG_EVENT_ITEM_END,  ///< the image is whole and its digest right
  checkpoint = SECIMG_EVENT_CHECKPOINT,
  finished = SECIMG_EVENT_FINISHED,  ///< the end was reached: finish
};

/// Sealed bytes go in; events and the bytes of images come out, in order. It does no input or output and blocks on nothing.
///
/// Those bytes are Authentic: some holder of the key made them. Only where finish succeeds is all of it Verified: undo what was done with
/// them where it does not. Under a required signer see open_options::set_spooled. After a failure it is of no more use: free it.
class opener : public detail::handle<secimg_opener, secimg_opener_free> {
 public:
  using handle::handle;

  [[nodiscard]] static outcome<opener> create(const open_options &options) {
    return detail::make<opener>([&](secimg_opener **out) { return secimg_opener_new(options.native_handle(), out); });
  }

  /// Takes stream bytes and says how many: fewer than all while output or events wait, and none behind the stream's end. Once it may take
  /// long: for the private key's operation, or for a passphrase. With an event other than data waiting: SECIMG_ERR_STATE, which is harmless.
  [[nodiscard]] outcome<std::size_t> push(bytes_view sealed) {
    return detail::take<std::size_t>(
        [&](std::size_t &consumed) { return secimg_opener_push(native_handle(), sealed.data(), sealed.size(), &consumed); });
  }
  /// The next event. Asking takes it, but for data and finished, which stay.
  [[nodiscard]] outcome<event> next_event() {
    return detail::take<event>([&](event &out) {
      std::uint32_t number = SECIMG_EVENT_NEED_INPUT;
      const secimg_status status = secimg_opener_event(native_handle(), &number);
      out = static_cast<event>(number);
      return status;
    });
  }
  /// Bytes of the current image. They stay where they are until the next call that is not const.
  [[nodiscard]] outcome<bytes_view> peek() const { return take_view(&secimg_opener_peek); }
  outcome<void> consume(std::size_t count) { return detail::deliver(secimg_opener_consume(native_handle(), count)); }
  /// Of the current image; lives until the next event::item, and is empty before the first.
  manifest_view manifest() const noexcept { return manifest_view(secimg_opener_manifest(native_handle())); }
  /// The preview that event::preview told of.
  [[nodiscard]] outcome<bytes_view> preview() const { return take_view(&secimg_opener_preview); }
  /// Makes what came out Verified. SECIMG_ERR_TRUNCATED where the stream's end was not reached.
  [[nodiscard]] outcome<report> finish() {
    return detail::make<report>([&](secimg_report **out) { return secimg_opener_finish(native_handle(), out); });
  }

  /// Pushes all of `sealed` and hands the images to `sink(manifest_view, bytes_view) -> bool`: nothing as an image begins, then its bytes,
  /// piece by piece. False ends it: SECIMG_ERR_IO. Previews are passed over. Bytes behind the stream's end are SECIMG_ERR_TRAILING_BYTES.
  template <class Sink>
  outcome<void> feed(bytes_view sealed, Sink &&sink) {
    failure why = try_feed(sealed, sink);
    if (why.status != SECIMG_OK) return detail::refuse<void>(std::move(why));
    return outcome<void>();
  }
  /// The same in both modes: SECIMG_OK or why not.
  template <class Sink>
  [[nodiscard]] failure try_feed(bytes_view sealed, Sink &&sink) {
    bool sunk = true;
    for (;;) {
      const secimg_status drained = drain_raw(sink, sunk);
      if (!sunk) return {SECIMG_ERR_IO, "the opened bytes could not be written"};
      if (drained != SECIMG_OK) return detail::last_failure(drained);
      if (sealed.empty()) return {};
      if (done()) return {SECIMG_ERR_TRAILING_BYTES, "there are bytes behind the stream's end"};
      std::size_t consumed = 0;
      const secimg_status pushed = secimg_opener_push(native_handle(), sealed.data(), sealed.size(), &consumed);
      if (pushed != SECIMG_OK) return detail::last_failure(pushed);
      sealed = sealed.without_first(consumed);
    }
  }

  /// SECIMG_STATE_* together.
  std::uint32_t state() const noexcept { return secimg_opener_state(native_handle()); }
  bool wants_input() const noexcept { return (state() & SECIMG_STATE_WANTS_INPUT) != 0; }
  bool has_output() const noexcept { return (state() & SECIMG_STATE_HAS_OUTPUT) != 0; }
  bool has_event() const noexcept { return (state() & SECIMG_STATE_HAS_EVENT) != 0; }
  bool done() const noexcept { return (state() & SECIMG_STATE_DONE) != 0; }
  bool failed() const noexcept { return (state() & SECIMG_STATE_FAILED) != 0; }
  /// Why it failed, in whichever thread that was.
  std::string error_text() const {
    return detail::whole_text([&](char *buffer, std::size_t size) { return secimg_opener_error(native_handle(), buffer, size); });
  }

 private:
  /// Takes events and data until more input is needed, or none any more.
  template <class Sink>
  secimg_status drain_raw(Sink &sink, bool &sunk) {
    for (;;) {
      std::uint32_t next = SECIMG_EVENT_NEED_INPUT;
      const secimg_status status = secimg_opener_event(native_handle(), &next);
      if (status != SECIMG_OK || next == SECIMG_EVENT_NEED_INPUT || next == SECIMG_EVENT_FINISHED) return status;
      if (next == SECIMG_EVENT_ITEM) sunk = sink(manifest(), bytes_view());
      const secimg_status drained = next == SECIMG_EVENT_DATA ? drain_data(sink, sunk) : SECIMG_OK;
      if (drained != SECIMG_OK || !sunk) return drained;
    }
  }
  template <class Sink>
  secimg_status drain_data(Sink &sink, bool &sunk) {
    const std::uint8_t *data = nullptr;
    std::size_t size = 0;
    const secimg_status status = secimg_opener_peek(native_handle(), &data, &size);
    if (status != SECIMG_OK) return status;
    sunk = sink(manifest(), bytes_view(data, size));
    return sunk ? secimg_opener_consume(native_handle(), size) : SECIMG_OK;
  }

  outcome<bytes_view> take_view(secimg_status (*function)(const secimg_opener *, const std::uint8_t **, std::size_t *)) const {
    return detail::take_view(
        [&](const std::uint8_t **data, std::size_t *size) { return function(native_handle(), data, size); });
  }
};

}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
