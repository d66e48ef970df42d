package carnelian.engine.diagnosis;

import carnelian.base.Clock;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Delays of at least `latency-monitor-threshold`, by the event that caused them: `command`,
/// `fast-command`, `expire-cycle` and the like. For each event the worst delay of every second is
/// kept, for the last [#SAMPLES] seconds that had any.
public final class LatencyMonitor {
  static final int SAMPLES = 160;

  /// The delays of one event, oldest first.
  static final class Series {
    private final String event;
    private final long[] unixSeconds = new long[SAMPLES];
    private final long[] millis = new long[SAMPLES];
    private int next;
    private int count;
    private long worstMillis;

    private Series(String event) {
      this.event = event;
    }

    private void add(long second, long delayMillis) {
      worstMillis = Math.max(worstMillis, delayMillis);
      int last = (next + SAMPLES - 1) % SAMPLES;
      if (count > 0 && unixSeconds[last] == second) {
        millis[last] = Math.max(millis[last], delayMillis);
        return;
      }
      unixSeconds[next] = second;
      millis[next] = delayMillis;
      next = (next + 1) % SAMPLES;
      count = Math.min(count + 1, SAMPLES);
    }

    String event() {
      return event;
    }

    int count() {
      return count;
    }

    /// The second of a sample, 0 being the oldest.
    long unixSecond(int sample) {
      return unixSeconds[place(sample)];
    }

    long millis(int sample) {
      return millis[place(sample)];
    }

    /// The worst delay since the last reset.
    long worstMillis() {
      return worstMillis;
    }

    private int place(int sample) {
      return (next + SAMPLES - count + sample) % SAMPLES;
    }
  }

  private final Clock clock;
  private final Map<String, Series> byEvent = new LinkedHashMap<>();
  private long thresholdMillis;

  LatencyMonitor(Clock clock) {
    this.clock = clock;
  }

  void thresholdMillis(long millis) {
    thresholdMillis = millis;
  }

  long thresholdMillis() {
    return thresholdMillis;
  }

  /// Whether delays are recorded at all.
  public boolean isOn() {
    return thresholdMillis > 0;
  }

  /// Long.MAX_VALUE if the monitor is off.
  long thresholdNanos() {
    return thresholdMillis == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(thresholdMillis);
  }

  /// Takes note of a delay; too short ones are ignored.
  public void add(String event, long delayMillis) {
    if (thresholdMillis > 0 && delayMillis >= thresholdMillis) {
      byEvent.computeIfAbsent(event, Series::new).add(nowSeconds(), delayMillis);
    }
  }

  long nowSeconds() {
    return TimeUnit.MILLISECONDS.toSeconds(clock.wallMillis());
  }

  @Nullable Series find(String event) {
    return byEvent.get(event);
  }

  Collection<Series> all() {
    return Collections.unmodifiableCollection(byEvent.values());
  }

  /// Forgets an event; false if there was nothing to forget.
  boolean reset(String event) {
    return byEvent.remove(event) != null;
  }

  /// Forgets everything; replies with the number of events.
  int resetAll() {
    int events = byEvent.size();
    byEvent.clear();
    return events;
  }
}
