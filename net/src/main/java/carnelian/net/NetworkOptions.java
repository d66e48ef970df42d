package carnelian.net;

import carnelian.resp.RequestLimits;

/// What is fixed when a network starts.
///
/// @param transport `auto`, or `io_uring`, `epoll`, `nio`: the first that works of several
/// @param ioThreads 1: the engine's loop does all reading and writing; more: as many loops beside
///   it
/// @param batchCommands most commands that are parsed before they are executed
/// @param requestLimits what a request may demand
/// @param threadName name of the engine's thread, and start of the others'
public record NetworkOptions(
    String transport,
    int ioThreads,
    int batchCommands,
    RequestLimits requestLimits,
    String threadName) {

  public static NetworkOptions defaults() {
    return new NetworkOptions("auto", 1, 64, new RequestLimits(), "carnelian");
  }

  public NetworkOptions withTransport(String name) {
    return new NetworkOptions(name, ioThreads, batchCommands, requestLimits, threadName);
  }

  public NetworkOptions withIoThreads(int threads) {
    return new NetworkOptions(transport, threads, batchCommands, requestLimits, threadName);
  }
}
