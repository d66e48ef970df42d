package carnelian.structures;

import static carnelian.structures.HashTableLayout.BUCKET_BYTES;
import static carnelian.structures.HashTableLayout.BUCKET_SHIFT;
import static carnelian.structures.HashTableLayout.BUCKET_WORDS;
import static carnelian.structures.HashTableLayout.SEGMENT_BUCKETS;
import static carnelian.structures.HashTableLayout.SEGMENT_SHIFT;
import static carnelian.structures.HashTableLayout.address;
import static carnelian.structures.HashTableLayout.isLink;
import static carnelian.structures.HashTableLayout.linkCapacity;

import carnelian.memory.Memory;
import carnelian.memory.View;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Goes through the entries of a hash table once, in the table's order, in the live heap or in a
/// snapshot. Reusable and without allocation; the table must not change meanwhile in that view.
///
/// ```
/// cursor.start(view, table);
/// while (cursor.next()) {
///   … cursor.entry() …
/// }
/// ```
///
/// Between two calls the view may pin something else: a bucket's words are copied out.
public final class TableCursor {
  private @Nullable View view;
  private long directory;
  private boolean isSingle;
  private long segment;
  private long buckets;
  private long count;
  private long index;

  private long[] words = new long[32];
  private int wordCount;
  private int position;

  public TableCursor() {}

  /// Before the first entry.
  public void start(View view, long table) {
    this.view = view;
    long root = view.pin(table, HashTableLayout.ROOT_BYTES);
    long shape = HashTableLayout.shape(root);
    buckets = HashTableLayout.buckets(shape);
    isSingle = HashTableLayout.isSingle(shape);
    directory = HashTableLayout.directory(root);
    count = HashTableLayout.count(root);
    segment = directory;
    index = 0;
    wordCount = 0;
    position = -1;
  }

  /// How many entries the table has in this view.
  public long count() {
    return count;
  }

  /// Goes to the next entry; false if there is none, or nothing has been started.
  public boolean next() {
    position++;
    while (position >= wordCount) {
      if (view == null || index >= buckets) {
        view = null;
        return false;
      }
      load(view);
      position = 0;
    }
    return true;
  }

  /// Its live address; in a snapshot's view the caller pins it.
  public long entry() {
    return address(words[position]);
  }

  private void load(View in) {
    long inSegment = index & (SEGMENT_BUCKETS - 1);
    if (inSegment == 0 && !isSingle) {
      segment = Memory.getLong(in.pin(directory + (index >>> SEGMENT_SHIFT << 3), 8));
    }
    index++;
    wordCount = 0;
    copyWords(in.pin(segment + (inSegment << BUCKET_SHIFT), BUCKET_BYTES), BUCKET_WORDS);
    if (wordCount == BUCKET_WORDS && isLink(words[BUCKET_WORDS - 1])) {
      long link = words[--wordCount];
      int capacity = linkCapacity(link);
      if (wordCount + capacity > words.length) {
        words = Arrays.copyOf(words, wordCount + capacity);
      }
      copyWords(in.pin(address(link), capacity << 3), capacity);
    }
  }

  private void copyWords(long from, int limit) {
    for (int i = 0; i < limit; i++) {
      long word = Memory.getLong(from + ((long) i << 3));
      if (word == 0) {
        return;
      }
      words[wordCount++] = word;
    }
  }
}
