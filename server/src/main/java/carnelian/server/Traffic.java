package carnelian.server;

import carnelian.base.Clock;
import carnelian.net.Network;

/// How many bytes a second go over the network: means of the last samples.
final class Traffic {
  private static final int SAMPLES = 16;
  private static final long SAMPLE_MILLIS = 100;
  private static final double BYTES_PER_KILOBYTE = 1024;

  private final Network network;
  private final Clock clock;
  private final double[] input = new double[SAMPLES];
  private final double[] output = new double[SAMPLES];
  private int next;
  private long sampledMillis;
  private long sampledInput;
  private long sampledOutput;

  Traffic(Network network, Clock clock) {
    this.network = network;
    this.clock = clock;
  }

  /// Takes a sample, if the last one is old enough. Some times a second.
  void sample() {
    long now = clock.wallMillis();
    long elapsed = now - sampledMillis;
    if (elapsed < SAMPLE_MILLIS) {
      return;
    }
    long inputBytes = network.inputBytes();
    long outputBytes = network.outputBytes();
    if (sampledMillis != 0) {
      input[next] = (inputBytes - sampledInput) * 1000.0 / elapsed;
      output[next] = (outputBytes - sampledOutput) * 1000.0 / elapsed;
      next = (next + 1) % SAMPLES;
    }
    sampledMillis = now;
    sampledInput = inputBytes;
    sampledOutput = outputBytes;
  }

  double inputKilobytesPerSecond() {
    return mean(input) / BYTES_PER_KILOBYTE;
  }

  double outputKilobytesPerSecond() {
    return mean(output) / BYTES_PER_KILOBYTE;
  }

  private static double mean(double[] samples) {
    double sum = 0;
    for (double sample : samples) {
      sum += sample;
    }
    return sum / SAMPLES;
  }
}
