package carnelian.server;

import carnelian.base.Clock;
import carnelian.net.Network;
import carnelian.replication.Replication;
import java.util.Arrays;

/// What goes over the network: how much since CONFIG RESETSTAT, and how fast, as means of the last
/// samples. On the engine's thread; other threads count, so a figure may be a moment old.
final class Traffic {
  private static final int SAMPLES = 16;
  private static final long SAMPLE_MILLIS = 100;
  private static final double MILLIS_PER_SECOND = 1000;
  private static final double BYTES_PER_KILOBYTE = 1024;

  private final Network network;
  private final Replication replication;
  private final Clock clock;
  private final long[] before = new long[Counter.values().length];
  private final long[] sampled = new long[before.length];
  private final double[][] rates = new double[before.length][SAMPLES];
  private int next;
  private long sampledMillis;

  /// What is counted from the start of the server on.
  enum Counter {
    /// What clients, replicas and the primary have sent.
    INPUT_BYTES,
    OUTPUT_BYTES,
    /// Of that, what the primary has sent, snapshots included.
    REPLICATION_INPUT_BYTES,
    /// Of that, what replicas were sent.
    REPLICATION_OUTPUT_BYTES,
    READS,
    WRITES
  }

  Traffic(Network network, Replication replication, Clock clock) {
    this.network = network;
    this.replication = replication;
    this.clock = clock;
  }

  private long read(Counter counter) {
    return switch (counter) {
      case INPUT_BYTES -> network.inputBytes() + replication.inputBytes();
      case OUTPUT_BYTES -> network.outputBytes();
      case REPLICATION_INPUT_BYTES -> replication.inputBytes();
      case REPLICATION_OUTPUT_BYTES -> replication.outputBytes();
      case READS -> network.reads();
      case WRITES -> network.writes();
    };
  }

  /// Takes a sample, if the last one is old enough. Some times a second.
  void sample() {
    long now = clock.wallMillis();
    long elapsed = now - sampledMillis;
    if (elapsed < SAMPLE_MILLIS) {
      return;
    }
    for (Counter counter : Counter.values()) {
      int i = counter.ordinal();
      long count = read(counter);
      if (sampledMillis != 0) {
        rates[i][next] = (count - sampled[i]) * MILLIS_PER_SECOND / elapsed;
      }
      sampled[i] = count;
    }
    next = (next + 1) % SAMPLES;
    sampledMillis = now;
  }

  /// Since the last [#resetStatistics].
  long count(Counter counter) {
    return read(counter) - before[counter.ordinal()];
  }

  double kilobytesPerSecond(Counter bytes) {
    return Arrays.stream(rates[bytes.ordinal()]).sum() / SAMPLES / BYTES_PER_KILOBYTE;
  }

  void resetStatistics() {
    for (Counter counter : Counter.values()) {
      before[counter.ordinal()] = read(counter);
      Arrays.fill(rates[counter.ordinal()], 0);
    }
  }
}
