package carnelian.bench;

import carnelian.embedded.Carnelian;
import java.util.Arrays;
import java.util.Locale;

/// How long an embedded store takes to start and to end, in a JVM that has run for a while but has
/// not seen one yet: the first, the second, and the ones after them. `bench/embedded-start` runs
/// it.
///
/// Guards: 150 ms for the first, 20 ms for the second (issue 4).
public final class EmbeddedStart {
  private static final int MORE = 50;
  private static final double NANOS_PER_MILLI = 1e6;

  private EmbeddedStart() {}

  /// `EmbeddedStart`.
  public static void main(String[] words) {
    double[] first = startAndStop();
    print("first", first);
    print("second", startAndStop());
    double[] starts = new double[MORE];
    double[] ends = new double[MORE];
    for (int i = 0; i < MORE; i++) {
      double[] took = startAndStop();
      starts[i] = took[0];
      ends[i] = took[1];
    }
    Arrays.sort(starts);
    Arrays.sort(ends);
    print("median of " + MORE + " more", new double[] {starts[MORE / 2], ends[MORE / 2]});
  }

  private static double[] startAndStop() {
    long begin = System.nanoTime();
    Carnelian store = Carnelian.start();
    long started = System.nanoTime();
    store.close();
    long ended = System.nanoTime();
    return new double[] {(started - begin) / NANOS_PER_MILLI, (ended - started) / NANOS_PER_MILLI};
  }

  private static void print(String what, double[] took) {
    System.out.printf(Locale.ROOT, "%-18s start %7.1f ms, end %6.1f ms%n", what, took[0], took[1]);
  }
}
