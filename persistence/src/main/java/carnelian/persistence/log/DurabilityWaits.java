package carnelian.persistence.log;

import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.Engine;
import carnelian.resp.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Clients that wait until their writes are on disk: WAITAOF. On the engine's thread.
final class DurabilityWaits {
  private final Log log;
  private final Engine engine;
  private final List<Wait> waits = new ArrayList<>();

  private record Wait(Client client, long offset, long local, long replicas, long deadlineNanos) {}

  DurabilityWaits(Log log, Engine engine) {
    this.log = log;
    this.engine = engine;
  }

  /// Replies at once if that is possible, or may not wait; else later.
  void waitFor(Call call, long local, long replicas, long timeoutMillis) {
    long offset = log.offset();
    boolean satisfied = reached(offset) >= local && replicas == 0;
    if (satisfied || !call.isTopLevel()) {
      reply(call.reply(), offset);
      return;
    }
    long timeoutNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    long now = engine.clock().monotonicNanos();
    boolean endless = timeoutMillis == 0 || timeoutNanos > Long.MAX_VALUE - now;
    long deadline = endless ? Long.MAX_VALUE : now + timeoutNanos;
    waits.add(new Wait(call.client(), offset, local, replicas, deadline));
    engine.suspend(call.client());
  }

  private long reached(long offset) {
    return log.isOn() && log.durableOffset() >= offset ? 1 : 0;
  }

  /// Replicas acknowledge nothing here yet.
  private void reply(Reply reply, long offset) {
    reply.array(2);
    reply.integer(reached(offset));
    reply.integer(0);
  }

  /// Answers those whose writes are on disk or whose time is up.
  void check() {
    if (waits.isEmpty()) {
      return;
    }
    long now = engine.clock().monotonicNanos();
    for (Wait wait : List.copyOf(waits)) {
      boolean satisfied = reached(wait.offset()) >= wait.local() && wait.replicas() == 0;
      if (satisfied || now >= wait.deadlineNanos() || !wait.client().isOpen()) {
        waits.remove(wait);
        if (wait.client().isOpen()) {
          reply(wait.client().reply(), wait.offset());
          engine.resume(wait.client());
        }
      }
    }
  }
}
