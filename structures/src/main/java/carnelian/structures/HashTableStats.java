package carnelian.structures;

import static carnelian.structures.HashTableLayout.BUCKET_WORDS;
import static carnelian.structures.HashTableLayout.bucket;
import static carnelian.structures.HashTableLayout.shape;

import java.util.Arrays;
import java.util.List;

/// How full a hash table is.
///
/// @param count entries
/// @param buckets cache lines for eight entries each
/// @param overflowing buckets that keep some of their entries in an array elsewhere
/// @param outside entries in those arrays
/// @param bytes bytes of the table's blocks, without the entries
/// @param chains at index n the number of buckets with n entries; ends at the longest
public record HashTableStats(
    long count, long buckets, long overflowing, long outside, long bytes, List<Long> chains) {

  static HashTableStats of(long table) {
    long shape = shape(table);
    long buckets = HashTableLayout.buckets(shape);
    long[] chains = new long[HashTableLayout.longestChain(table) + 1];
    long overflowing = 0;
    long outside = 0;
    int longest = 0;
    for (long index = 0; index < buckets; index++) {
      int length = HashTables.chainLength(bucket(table, shape, index));
      chains[length]++;
      longest = Math.max(longest, length);
      if (length > BUCKET_WORDS) {
        overflowing++;
        outside += length - (BUCKET_WORDS - 1);
      }
    }
    return new HashTableStats(
        HashTableLayout.count(table),
        buckets,
        overflowing,
        outside,
        HashTableLayout.bytes(table),
        Arrays.stream(chains, 0, longest + 1).boxed().toList());
  }
}
