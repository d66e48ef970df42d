package carnelian.structures;

import static carnelian.structures.HashTableLayout.TAG_MASK;
import static carnelian.structures.HashTableLayout.address;
import static carnelian.structures.HashTableLayout.bucket;
import static carnelian.structures.HashTableLayout.buckets;
import static carnelian.structures.HashTableLayout.index;
import static carnelian.structures.HashTableLayout.shape;
import static carnelian.structures.HashTableLayout.splitMask;
import static carnelian.structures.HashTableLayout.tag;

import carnelian.base.Invariant;

/// What holds for every hash table between two calls.
final class HashTableCheck {
  private HashTableCheck() {}

  static void verify(HashTables tables, long table) {
    long shape = shape(table);
    int level = HashTableLayout.level(shape);
    Invariant.check(
        HashTableLayout.split(shape) <= HashTableLayout.lowMask(shape), "split: ", shape);
    Invariant.check(
        HashTableLayout.lowShift(table) == HashTableLayout.tagShift(level), "low shift: ", level);
    Invariant.check(
        HashTableLayout.highShift(table) == HashTableLayout.tagShift(level + 1),
        "high shift: ",
        level);
    long count = 0;
    for (long number = 0; number < buckets(shape); number++) {
      long bucket = bucket(table, shape, number);
      int length = HashTables.chainLength(bucket);
      Invariant.check(
          length <= HashTableLayout.longestChain(table), "chain is longer than noted: ", length);
      count += length;
      for (int i = 0; i < length; i++) {
        verifyWord(tables, table, number, HashTables.chainWord(bucket, i));
      }
    }
    Invariant.check(
        count == HashTableLayout.count(table),
        "entries in buckets, count: ",
        count,
        HashTableLayout.count(table));
  }

  private static void verifyWord(HashTables tables, long table, long number, long word) {
    long shape = shape(table);
    long entry = address(word);
    Invariant.check(entry != 0, "an empty word in the chain of bucket ", number);
    long hash = tables.hashOf(entry);
    long isSplit = splitMask(shape, hash);
    Invariant.check(index(shape, isSplit, hash) == number, "entry in wrong bucket: ", number, hash);
    int shift = isSplit == 0 ? HashTableLayout.lowShift(table) : HashTableLayout.highShift(table);
    Invariant.check(tag(word) == ((hash >>> shift) & TAG_MASK), "wrong tag: ", tag(word), hash);
  }
}
