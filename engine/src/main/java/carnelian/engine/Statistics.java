package carnelian.engine;

import carnelian.resp.ErrorListener;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// What the engine counts, for INFO. Reset by CONFIG RESETSTAT.
public final class Statistics implements ErrorListener {
  /// A reply can hold any word a script chooses; so many are told apart.
  private static final int MOST_ERROR_CODES = 128;

  private static final int SAMPLES = 16;
  private static final long SAMPLE_MILLIS = 100;

  /// A count that is changed in place, so that counting an error again allocates nothing.
  public static final class Count {
    private long value;

    public long value() {
      return value;
    }
  }

  private final TreeMap<String, Count> errors = new TreeMap<>();
  private final long[] commandsPerSecond = new long[SAMPLES];
  private int nextSample;
  private long sampledAtMillis;
  private long sampledCommands;

  long commandsProcessed;
  private long errorReplies;
  long connectionsReceived;
  long expireNanos;

  Statistics() {}

  /// `total_commands_processed`
  public long commandsProcessed() {
    return commandsProcessed;
  }

  /// `total_error_replies`
  public long errorReplies() {
    return errorReplies;
  }

  /// `total_connections_received`
  public long connectionsReceived() {
    return connectionsReceived;
  }

  /// `expire_cycle_cpu_milliseconds`
  public long expireMillis() {
    return TimeUnit.NANOSECONDS.toMillis(expireNanos);
  }

  /// `errorstat_…`, by code.
  public Map<String, Count> errors() {
    return Collections.unmodifiableMap(errors);
  }

  /// `instantaneous_ops_per_sec`: mean of the last samples.
  public long operationsPerSecond() {
    long sum = 0;
    for (long sample : commandsPerSecond) {
      sum += sample;
    }
    return sum / SAMPLES;
  }

  @Override
  public void replied(String error) {
    errorReplies++;
    int space = error.indexOf(' ');
    String code = space < 0 ? error : error.substring(0, space);
    Count count = errors.get(code);
    if (count == null) {
      if (errors.size() >= MOST_ERROR_CODES) {
        return;
      }
      count = new Count();
      errors.put(code, count);
    }
    count.value++;
  }

  /// Takes a sample of the operations a second, if the last one is old enough.
  void sample(long nowMillis) {
    long elapsed = nowMillis - sampledAtMillis;
    if (elapsed < SAMPLE_MILLIS) {
      return;
    }
    if (sampledAtMillis != 0) {
      commandsPerSecond[nextSample] = (commandsProcessed - sampledCommands) * 1000 / elapsed;
      nextSample = (nextSample + 1) % SAMPLES;
    }
    sampledAtMillis = nowMillis;
    sampledCommands = commandsProcessed;
  }

  public void reset() {
    commandsProcessed = 0;
    sampledCommands = 0;
    errorReplies = 0;
    connectionsReceived = 0;
    expireNanos = 0;
    errors.clear();
  }
}
