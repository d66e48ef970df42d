package carnelian.bench;

import carnelian.resp.ProtocolException;
import java.util.Arrays;

/// What counting hot keys adds to a GET, where the machine's noise is larger than the cost: with
/// and without in turns within one process, and the median of the differences between neighbours.
///
/// `bench/run`'s class path, `carnelian.bench.HotKeysInTurns [rounds] [GETs in each]`.
public final class HotKeysInTurns {
  private static final int ROUNDS = 4000;
  private static final int GETS = 6400;

  private HotKeysInTurns() {}

  public static void main(String[] arguments) throws ProtocolException {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : ROUNDS;
    int gets = arguments.length > 1 ? Integer.parseInt(arguments[1]) : GETS;
    DiagnosisBenchmark benchmark = new DiagnosisBenchmark();
    benchmark.load();
    double[] with = new double[rounds];
    double[] without = new double[rounds];
    double[] differences = new double[rounds];
    for (int round = -rounds / 4; round < rounds; round++) {
      boolean withFirst = (round & 1) == 0;
      double first = nanosOfGet(benchmark, withFirst, gets);
      double second = nanosOfGet(benchmark, !withFirst, gets);
      if (round >= 0) {
        with[round] = withFirst ? first : second;
        without[round] = withFirst ? second : first;
        differences[round] = with[round] - without[round];
      }
    }
    benchmark.close();
    System.out.printf(
        "GET with hot keys %.1f ns, without %.1f ns, median difference %.2f ns%n",
        median(with), median(without), median(differences));
  }

  private static double nanosOfGet(DiagnosisBenchmark benchmark, boolean counting, int gets) {
    benchmark.count(counting);
    long start = System.nanoTime();
    for (int i = 0; i < gets / DiagnosisBenchmark.COMMANDS; i++) {
      int _ = benchmark.get();
    }
    return (System.nanoTime() - start) / (double) gets;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
