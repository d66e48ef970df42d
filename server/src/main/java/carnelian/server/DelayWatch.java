package carnelian.server;

import carnelian.base.Clock;
import carnelian.base.config.Choices.AppendFsync;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.engine.diagnosis.LatencyMonitor;
import carnelian.net.QueueTimes;
import carnelian.persistence.log.Log;
import com.sun.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Looks some times a second for delays that are no command's, and brings them to the latency
/// monitor: requests that queued, flushes of the log, pauses of the JVM. On the engine's loop.
final class DelayWatch {
  /// Looks that are remembered, to tell how old is what is not on disk yet.
  private static final int LOOKS = 600;

  private final LatencyMonitor monitor;
  private final QueueTimes queueTimes;
  private final Log log;
  private final Config config;
  private final Clock clock;
  private final Map<String, Long> collections = new HashMap<>();

  /// Finding them takes some tens of milliseconds, which the engine does not have.
  private volatile List<GarbageCollectorMXBean> collectors = List.of();

  private boolean searches;

  // The offset of the log at each look, the oldest that is not durable first.
  private final long[] offsets = new long[LOOKS];
  private final long[] lookNanos = new long[LOOKS];
  private int oldest;
  private int looks;

  DelayWatch(LatencyMonitor monitor, QueueTimes queueTimes, Log log, Config config, Clock clock) {
    this.monitor = monitor;
    this.queueTimes = queueTimes;
    this.log = log;
    this.config = config;
    this.clock = clock;
  }

  /// Some times a second.
  void look() {
    add("queueing", queueTimes.takeLongestNanos());
    boolean always = config.get(Directives.APPENDFSYNC) == AppendFsync.ALWAYS;
    add(always ? "aof-fsync-always" : "aof-fsync-everysec", log.figures().takeSlowestFlushNanos());
    add("aof-write", log.figures().takeSlowestWriteNanos());
    if (monitor.isOn()) {
      lookAtCollections();
    }
    rememberOffset();
  }

  private void add(String event, long nanos) {
    monitor.add(event, TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  // ---- Pauses of the JVM -----------------------------------------------------------------------

  /// Of several since the last look, the last one is seen.
  private void lookAtCollections() {
    if (!searches) {
      searches = true;
      Thread.ofPlatform().daemon().name("diagnosis").start(() -> collectors = collectors());
    }
    for (GarbageCollectorMXBean collector : collectors) {
      long count = collector.getCollectionCount();
      Long before = collections.put(collector.getName(), count);
      if (before != null && count > before && collector.getLastGcInfo() != null) {
        monitor.add("gc-pause", collector.getLastGcInfo().getDuration());
      }
    }
  }

  /// The collectors that stop the world, each ready to be asked.
  static List<GarbageCollectorMXBean> collectors() {
    List<GarbageCollectorMXBean> found =
        ManagementFactory.getPlatformMXBeans(GarbageCollectorMXBean.class).stream()
            .filter(bean -> !bean.getName().contains("Cycles"))
            .filter(bean -> !bean.getName().contains("Concurrent"))
            .toList();
    for (GarbageCollectorMXBean collector : found) {
      var _ = collector.getLastGcInfo();
    }
    return found;
  }

  // ---- Durability ------------------------------------------------------------------------------

  private void rememberOffset() {
    forgetDurable();
    int last = (oldest + looks - 1 + LOOKS) % LOOKS;
    if (!log.isOn() || (looks > 0 && offsets[last] == log.offset()) || looks == LOOKS) {
      return;
    }
    int next = (oldest + looks) % LOOKS;
    offsets[next] = log.offset();
    lookNanos[next] = clock.monotonicNanos();
    looks++;
  }

  private void forgetDurable() {
    while (looks > 0 && (!log.isOn() || offsets[oldest] <= log.durableOffset())) {
      oldest = (oldest + 1) % LOOKS;
      looks--;
    }
  }

  /// How long ago the oldest write was made that is not on disk, to a tenth of a second or so.
  private long durableLagMillis() {
    forgetDurable();
    return looks == 0
        ? 0
        : TimeUnit.NANOSECONDS.toMillis(clock.monotonicNanos() - lookNanos[oldest]);
  }

  // ---- INFO ------------------------------------------------------------------------------------

  /// The section of INFO.
  InfoSection section() {
    return InfoSection.standard("Delays", this::write);
  }

  private void write(InfoSection.Fields fields) {
    long reads = queueTimes.count();
    long mean = reads == 0 ? 0 : queueTimes.sumNanos() / reads;
    fields.put("queueing_reads", reads);
    fields.put("queueing_usec_avg", TimeUnit.NANOSECONDS.toMicros(mean));
    fields.put("queueing_usec_p50", queueTimes.percentileMicros(50));
    fields.put("queueing_usec_p99", queueTimes.percentileMicros(99));
    fields.put("queueing_usec_max", TimeUnit.NANOSECONDS.toMicros(queueTimes.longestNanos()));
    long behind = log.isOn() ? Math.max(0, log.offset() - log.durableOffset()) : 0;
    fields.put("aof_durable_lag_bytes", behind);
    fields.put("aof_durable_lag_ms", durableLagMillis());
  }
}
