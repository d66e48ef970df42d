package carnelian.structures;

import static carnelian.structures.ListpackFormat.COUNT_UNKNOWN;
import static carnelian.structures.ListpackFormat.EMPTY_BYTES;
import static carnelian.structures.ListpackFormat.HEADER_BYTES;

import carnelian.memory.Memory;

/// Whether bytes from a file or a client are a listpack. Trusts nothing: every read is checked
/// against the bounds before it happens.
final class ListpackValidation {
  private ListpackValidation() {}

  static boolean isValid(long at, long bytes, boolean deep) {
    if (bytes < EMPTY_BYTES || bytes > Integer.MAX_VALUE) {
      return false;
    }
    if (Integer.toUnsignedLong(Memory.getInt(at)) != bytes) {
      return false;
    }
    long end = at + bytes - 1;
    if (!ListpackFormat.isEnd(end)) {
      return false;
    }
    return !deep || areElementsValid(at, end);
  }

  private static boolean areElementsValid(long at, long end) {
    long element = at + HEADER_BYTES;
    int count = 0;
    while (element < end) {
      long entryBytes = entryBytes(element, end);
      if (entryBytes == 0) {
        return false;
      }
      element += entryBytes;
      count++;
    }
    int claimed = ListpackFormat.headerCount(at);
    return claimed == COUNT_UNKNOWN || claimed == count;
  }

  /// Bytes of the element, or 0 if it is broken or reaches beyond `end`.
  private static long entryBytes(long element, long end) {
    int prefix = ListpackFormat.prefixBytes(element);
    if (prefix == 0 || prefix > end - element) {
      return 0;
    }
    long encoded = ListpackFormat.encodedBytes(element);
    int backlenBytes = ListpackFormat.backlenBytes(encoded);
    long entryBytes = encoded + backlenBytes;
    if (entryBytes > end - element) {
      return 0;
    }
    long last = element + entryBytes - 1;
    return ListpackFormat.backlen(last, element + encoded) == encoded ? entryBytes : 0;
  }
}
