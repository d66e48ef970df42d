package carnelian.net;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/// How long requests waited between their arrival and their execution, counted once for each read
/// of a connection: the time that the loop was busy with others. An upper bound, for when within
/// that time they arrived is not known; what they wait in the network is not in it.
///
/// Written by the engine's loop only; others may read a moment late.
public final class QueueTimes {
  /// Each bucket ends at twice the time of the one before.
  public static final int BUCKETS = 24;

  private static final int FIRST_BUCKET_SHIFT = 10;

  private final long[] counts = new long[BUCKETS];
  private long count;
  private long sumNanos;
  private long longestNanos;
  private long longestSinceTaken;

  QueueTimes() {}

  void add(long nanos) {
    int bucket = Long.SIZE - Long.numberOfLeadingZeros(nanos >> FIRST_BUCKET_SHIFT);
    counts[Math.min(bucket, BUCKETS - 1)]++;
    count++;
    sumNanos += nanos;
    if (nanos > longestSinceTaken) {
      longestSinceTaken = nanos;
      longestNanos = Math.max(longestNanos, nanos);
    }
  }

  /// Reads that waited for less than [#bucketEndNanos] and not less than that of the bucket before.
  public long count(int bucket) {
    return counts[bucket];
  }

  /// The end of a bucket; the last one has none.
  public static long bucketEndNanos(int bucket) {
    return 1L << bucket + FIRST_BUCKET_SHIFT;
  }

  public long count() {
    return count;
  }

  public long sumNanos() {
    return sumNanos;
  }

  public long longestNanos() {
    return longestNanos;
  }

  /// The longest since this was asked last, 0 if nothing waited. On the engine's loop.
  public long takeLongestNanos() {
    long longest = longestSinceTaken;
    longestSinceTaken = 0;
    return longest;
  }

  /// An upper bound of what so many percent have waited at most, in microseconds.
  public long percentileMicros(double percent) {
    long wanted = (long) Math.ceil(count * percent / 100);
    long seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
      seen += counts[i];
      if (seen >= wanted) {
        return TimeUnit.NANOSECONDS.toMicros(Math.min(bucketEndNanos(i), longestNanos));
      }
    }
    return TimeUnit.NANOSECONDS.toMicros(longestNanos);
  }

  /// CONFIG RESETSTAT. On the engine's loop.
  public void reset() {
    Arrays.fill(counts, 0);
    count = 0;
    sumNanos = 0;
    longestNanos = 0;
  }
}
