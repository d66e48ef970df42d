package carnelian.bench;

import carnelian.embedded.Carnelian;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// How long an embedded store takes to start and to end: the first of a process, the second, and
/// the ones after them. Each figure is the median of several processes; `bench/embedded-start` runs
/// them.
///
/// What the process has done before its first store ([TestSuite] has the details):
///
/// | | |
/// |---|---|
/// | `fresh` | nothing |
/// | `warm` | run a test suite with JUnit for ten seconds: collections, streams, lambdas, records, patterns, texts, files, threads, sockets, the foreign-function API, SLF4J, and Jedis and Lettuce (with it Netty) against a redis-server; no class of Carnelian is loaded |
/// | `jedis` | the same without Lettuce: Netty is not there |
///
/// Guards: 150 ms for the first in a warm process, 20 ms for the second (issue 4).
public final class EmbeddedStart {
  private static final int MORE = 50;
  private static final int FORKS = 5;
  private static final long WARM_UP_SECONDS = 10;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final String MARK = "took ";
  private static final List<String> FIGURES =
      List.of("first start", "first end", "second start", "later start", "later end");

  private EmbeddedStart() {}

  /// `EmbeddedStart [forks [kind ...]]`.
  public static void main(String[] words) throws Exception {
    if (words.length == 2 && words[0].equals("once")) {
      once(words[1]);
      return;
    }
    int forks = words.length > 0 ? Integer.parseInt(words[0]) : FORKS;
    List<String> kinds =
        words.length > 1
            ? Arrays.asList(words).subList(1, words.length)
            : List.of("fresh", "warm", "jedis");
    System.out.printf("%-8s", "ms");
    FIGURES.forEach(figure -> System.out.printf("%14s", figure));
    System.out.println();
    for (String kind : kinds) {
      List<double[]> runs = new ArrayList<>();
      for (int i = 0; i < forks; i++) {
        runs.add(fork(kind));
      }
      print(kind, runs);
    }
  }

  private static void print(String kind, List<double[]> runs) {
    System.out.printf("%-8s", kind);
    for (int i = 0; i < FIGURES.size(); i++) {
      int figure = i;
      double[] sorted = runs.stream().mapToDouble(run -> run[figure]).sorted().toArray();
      System.out.printf(Locale.ROOT, "%14.1f", sorted[sorted.length / 2]);
    }
    System.out.print("    first starts:");
    runs.forEach(run -> System.out.printf(Locale.ROOT, " %.1f", run[0]));
    System.out.println();
  }

  /// Runs one in a process with the options of this one.
  private static double[] fork(String kind) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(EmbeddedStart.class.getName(), "once", kind));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int mark = output.lastIndexOf(MARK);
    if (process.waitFor() != 0 || mark < 0) {
      throw new IOException("The process failed: " + output);
    }
    String[] figures = output.substring(mark + MARK.length()).strip().split(" ", -1);
    return Arrays.stream(figures).mapToDouble(Double::parseDouble).toArray();
  }

  // ---- In a process of its own -----------------------------------------------------------------

  private static void once(String kind) throws Exception {
    switch (kind) {
      case "fresh" -> {}
      case "warm" -> TestSuite.run(Duration.ofSeconds(WARM_UP_SECONDS), true);
      case "jedis" -> TestSuite.run(Duration.ofSeconds(WARM_UP_SECONDS), false);
      default -> throw new IllegalArgumentException(kind + " (expected: fresh, warm or jedis)");
    }
    double[] first = Store.startAndStop();
    double[] second = Store.startAndStop();
    double[] starts = new double[MORE];
    double[] ends = new double[MORE];
    for (int i = 0; i < MORE; i++) {
      double[] took = Store.startAndStop();
      starts[i] = took[0];
      ends[i] = took[1];
    }
    Arrays.sort(starts);
    Arrays.sort(ends);
    System.out.printf(
        Locale.ROOT,
        MARK + "%.3f %.3f %.3f %.3f %.3f%n",
        first[0],
        first[1],
        second[0],
        starts[MORE / 2],
        ends[MORE / 2]);
  }

  /// Apart, so that Carnelian's classes are loaded here and not before.
  private static final class Store {
    static double[] startAndStop() {
      long begin = System.nanoTime();
      Carnelian store = Carnelian.start();
      long started = System.nanoTime();
      store.close();
      long ended = System.nanoTime();
      return new double[] {
        (started - begin) / NANOS_PER_MILLI, (ended - started) / NANOS_PER_MILLI
      };
    }
  }
}
