// Short names for the parts of Asio that connections and the engine use.
#pragma once

#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace ttp::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

// Every type names the one executor type, so that no operation resolves it at run time.
using IoExecutor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, IoExecutor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, IoExecutor>;
template <class T>
using awaitable = asio::awaitable<T, IoExecutor>;

inline constexpr asio::use_awaitable_t<IoExecutor> awaited;
/// Returns an error as part of the result instead of throwing.
inline constexpr auto quietly = asio::as_tuple(awaited);

}  // namespace ttp::http
